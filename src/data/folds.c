// SPDX-License-Identifier: MIT
// Folds of a cross-validation: images of a group stay together, each fold gets its share of every set of classes. Greedy as scikit-learn's
// StratifiedGroupKFold: the largest groups first, each to where the squares of the counts grow least.
#include "base/file.h"
#include "base/rng.h"
#include "data/csv.h"
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

struct member {
    uint64_t bits;     // classes present
    const char *group; // or NULL: a group of its own
    uint32_t sample, key, stratum;
};
struct group {
    uint32_t begin, count, key; // members
};
struct folds {
    struct data_set *set;
    uint32_t fold_count, member_count, group_count, stratum_count;
    struct member *members;
    struct group *groups;
    uint32_t *totals; // [stratum]
    uint32_t *have;   // [fold][stratum + 1], the last: all
    char *text;       // of groups.csv
};

static uint32_t find_member(const struct folds *folds, const char *image)
{
    for (int exact = 1; exact >= 0; exact--) { // the full name, else the name without extension
        for (uint32_t i = 0; i < folds->set->sample_count; i++) {
            const char *name = folds->set->samples[i].name;
            const size_t stem = data_stem_length(name);
            if (exact ? strcmp(name, image) == 0 : strlen(image) == stem && memcmp(name, image, stem) == 0) return i;
        }
    }
    return UINT32_MAX;
}

// groups.csv: image,group; an image without a row is a group of its own.
static enum nephos_status read_groups(struct folds *folds, const char *path, const char **groups)
{
    enum nephos_status status = NEPHOS_OK;
    struct csv csv;
    uint32_t image, group;
    bool more;
    TRY(csv_open(folds->set->log, path, &csv));
    TRY(csv_column(&csv, "image", &image));
    TRY(csv_column(&csv, "group", &group));
    for (;;) {
        TRY(csv_next(&csv, &more));
        if (!more) break;
        const uint32_t i = find_member(folds, csv.field[image]);
        if (i == UINT32_MAX)
            FAIL(folds->set->log, NEPHOS_ERROR_DATA, "%s:%u: image \"%s\" is not in the data set", path, csv.line, csv.field[image]);
        if (groups[i]) FAIL(folds->set->log, NEPHOS_ERROR_DATA, "%s:%u: image \"%s\" has a row already", path, csv.line, csv.field[image]);
        groups[i] = csv.field[group];
    }
    folds->text = csv_take(&csv);
fail:
    csv_close(&csv);
    return status;
}

static int compare_bits(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    return (a->bits > b->bits) - (a->bits < b->bits);
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    if (!a->group != !b->group) return a->group ? -1 : 1;
    const int order = a->group ? strcmp(a->group, b->group) : 0;
    return order ? order : (a->sample > b->sample) - (a->sample < b->sample);
}

static int compare_groups(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

// Images meant for the test stay out of it.
static enum nephos_status list_members(struct folds *folds, const char **groups, uint64_t seed)
{
    for (uint32_t i = 0; i < folds->set->sample_count; i++) {
        if (folds->set->has_split && folds->set->samples[i].split == DATA_TEST) continue;
        struct base_rng rng;
        base_rng_init(&rng, seed, BASE_RNG_SPLIT, i);
        struct member *member = &folds->members[folds->member_count++];
        *member = (struct member){.group = groups[i], .sample = i, .key = base_rng_u32(&rng)};
        const enum nephos_status status = data_set_classes_present(folds->set, i, &member->bits);
        if (status != NEPHOS_OK) return status;
    }
    return NEPHOS_OK;
}

static void find_groups(struct folds *folds)
{
    struct member *m = folds->members;
    qsort(m, folds->member_count, sizeof *m, compare_bits);
    for (uint32_t i = 0; i < folds->member_count; i++) {
        if (i == 0 || m[i].bits != m[i - 1].bits) folds->stratum_count++;
        m[i].stratum = folds->stratum_count - 1;
        folds->totals[m[i].stratum]++;
    }
    qsort(m, folds->member_count, sizeof *m, compare_members);
    for (uint32_t i = 0; i < folds->member_count; i++) {
        const bool same = i > 0 && m[i].group && m[i - 1].group && strcmp(m[i].group, m[i - 1].group) == 0;
        if (!same) folds->groups[folds->group_count++] = (struct group){.begin = i, .key = m[i].key};
        folds->groups[folds->group_count - 1].count++;
    }
    qsort(folds->groups, folds->group_count, sizeof *folds->groups, compare_groups);
}

// By how much the sum of squares of the fold's shares grows with the group.
static double growth(const struct folds *folds, const struct group *group, const uint32_t *have)
{
    double sum = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        const uint32_t stratum = folds->members[group->begin + i].stratum;
        sum += (double)have[stratum] / folds->totals[stratum];
    }
    return sum;
}

static void deal_out(struct folds *folds, uint32_t *fold_of)
{
    const uint32_t width = folds->stratum_count + 1;
    for (uint32_t g = 0; g < folds->group_count; g++) {
        const struct group *group = &folds->groups[g];
        uint32_t best = 0;
        for (uint32_t f = 1; f < folds->fold_count; f++) {
            const uint32_t *have = &folds->have[f * width], *least = &folds->have[best * width];
            const double more = growth(folds, group, have), fewest = growth(folds, group, least);
            if (more < fewest || (more <= fewest && have[width - 1] < least[width - 1])) best = f;
        }
        for (uint32_t i = 0; i < group->count; i++) {
            const struct member *member = &folds->members[group->begin + i];
            folds->have[best * width + member->stratum]++;
            folds->have[best * width + width - 1]++;
            fold_of[member->sample] = best + 1;
        }
    }
}

static enum nephos_status divide(struct folds *folds, uint64_t seed, const char **groups, uint32_t *fold_of)
{
    enum nephos_status status = NEPHOS_OK;
    const struct data_set *set = folds->set;
    char *path = base_format("%s/groups.csv", set->root);
    if (!path) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for folds", set->root);
    if (base_file_exists(path)) TRY(read_groups(folds, path, groups));
    TRY(list_members(folds, groups, seed));
    find_groups(folds);
    if (folds->group_count < folds->fold_count)
        FAIL(set->log, NEPHOS_ERROR_DATA, "%s: %u images in %u groups can't be divided into %u folds", set->root, folds->member_count,
             folds->group_count, folds->fold_count);
    folds->have = calloc((size_t)folds->fold_count * (folds->stratum_count + 1), sizeof *folds->have);
    if (!folds->have) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for folds", set->root);
    deal_out(folds, fold_of);
fail:
    free(path);
    return status;
}

enum nephos_status data_folds_split(struct data_set *set, uint32_t fold_count, uint32_t fold, uint64_t seed)
{
    const size_t room = (size_t)set->sample_count + 1;
    struct folds folds = {.set = set, .fold_count = fold_count};
    const char **groups = calloc(room, sizeof *groups);
    uint32_t *fold_of = calloc(room, sizeof *fold_of);
    folds.members = calloc(room, sizeof *folds.members);
    folds.groups = calloc(room, sizeof *folds.groups);
    folds.totals = calloc(room, sizeof *folds.totals);
    enum nephos_status status = groups && fold_of && folds.members && folds.groups && folds.totals
                                    ? divide(&folds, seed, groups, fold_of)
                                    : base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for folds", set->root);
    for (uint32_t i = 0; i < set->sample_count && status == NEPHOS_OK; i++)
        if (fold_of[i]) set->samples[i].split = fold_of[i] == fold ? DATA_VAL : DATA_TRAIN;
    free(groups);
    free(fold_of);
    free(folds.members);
    free(folds.groups);
    free(folds.totals);
    free(folds.have);
    free(folds.text);
    return status;
}
