// SPDX-License-Identifier: MIT
// Which samples train and which validate: drawn by seed, or read from and written to a file with the columns image,split.
#include "base/file.h"
#include "base/rng.h"
#include "data/csv.h"
#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- drawing ----------------------------------------------------------------------------------------------------------

// Samples with the same set of classes present form a stratum.
struct ticket {
    uint64_t bits;
    uint32_t key, sample;
};
struct stratum {
    uint32_t begin, count, val;
    double missing; // share of a sample by which `val` falls short
};

static int compare_tickets(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    if (a->bits != b->bits) return a->bits < b->bits ? -1 : 1;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->sample > b->sample) - (a->sample < b->sample);
}

// Tickets sorted by stratum, in random order within each. The key depends on the seed and the sample's place in name order alone.
static enum nephos_status draw_tickets(const struct data_set *set, uint64_t seed, struct ticket *tickets)
{
    for (uint32_t i = 0; i < set->sample_count; i++) {
        struct base_rng rng;
        base_rng_init(&rng, seed, BASE_RNG_SPLIT, i);
        tickets[i] = (struct ticket){.key = base_rng_u32(&rng), .sample = i};
        const enum nephos_status status = data_set_classes_present(set, i, &tickets[i].bits);
        if (status != NEPHOS_OK) return status;
    }
    qsort(tickets, set->sample_count, sizeof *tickets, compare_tickets);
    return NEPHOS_OK;
}

static uint32_t find_strata(const struct ticket *tickets, uint32_t count, double val_share, struct stratum *strata)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || tickets[i].bits != tickets[i - 1].bits) strata[found++] = (struct stratum){.begin = i};
        strata[found - 1].count++;
    }
    for (uint32_t s = 0; s < found; s++) {
        const double quota = val_share * strata[s].count;
        strata[s].val = (uint32_t)quota;
        strata[s].missing = quota - strata[s].val;
    }
    return found;
}

// Largest remainders first, until `total` samples are given out.
static void round_strata(struct stratum *strata, uint32_t count, uint32_t total)
{
    uint32_t given = 0;
    for (uint32_t s = 0; s < count; s++) given += strata[s].val;
    for (; given < total; given++) {
        struct stratum *most = NULL;
        for (uint32_t s = 0; s < count; s++)
            if (strata[s].val < strata[s].count && (!most || strata[s].missing > most->missing)) most = &strata[s];
        most->val++;
        most->missing -= 1;
    }
    for (; given > total; given--) { // the share is so large that none would be left to train on
        struct stratum *largest = strata;
        for (uint32_t s = 1; s < count; s++)
            if (strata[s].val > largest->val) largest = &strata[s];
        largest->val--;
    }
}

enum nephos_status data_split_draw(struct data_set *set, double val_share, uint64_t seed)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t count = set->sample_count;
    if (!(val_share >= 0 && val_share <= 1))
        return base_fail(set->log, NEPHOS_ERROR_ARGUMENT, "validation share %g: 0 to 1 is allowed", val_share);
    if (count < 2)
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: %u image can't be split into training and validation", set->root, count);
    struct ticket *tickets = malloc(count * sizeof *tickets);
    struct stratum *strata = malloc(count * sizeof *strata);
    if (!tickets || !strata) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for the split of %u images", set->root, count);
    TRY(draw_tickets(set, seed, tickets));
    const double wanted = round(val_share * count);
    const uint32_t total = wanted < 1 ? 1 : wanted > count - 1 ? count - 1 : (uint32_t)wanted;
    const uint32_t found = find_strata(tickets, count, val_share, strata);
    round_strata(strata, found, total);
    for (uint32_t s = 0; s < found; s++)
        for (uint32_t i = 0; i < strata[s].count; i++)
            set->samples[tickets[strata[s].begin + i].sample].split = i < strata[s].val ? DATA_VAL : DATA_TRAIN;
fail:
    free(tickets);
    free(strata);
    return status;
}

// --- file -------------------------------------------------------------------------------------------------------------

static const char *const split_names[] = {[DATA_TRAIN] = "train", [DATA_VAL] = "val", [DATA_TEST] = "test"};

enum nephos_status data_split_save(const struct data_set *set, const char *path)
{
    struct base_file *file;
    const enum nephos_status status = base_file_create(set->log, path, &file);
    if (status != NEPHOS_OK) return status;
    FILE *stream = base_file_stream(file);
    fputs("image,split\n", stream);
    for (uint32_t i = 0; i < set->sample_count; i++) {
        if (set->samples[i].split == DATA_NONE) continue;
        csv_write_field(stream, set->samples[i].name);
        fprintf(stream, ",%s\n", split_names[set->samples[i].split]);
    }
    return base_file_commit(&file);
}

static int compare_by_stem(const void *a, const void *b)
{
    return data_stem_compare((*(const struct data_sample *const *)a)->name, (*(const struct data_sample *const *)b)->name);
}

static int compare_by_name(const void *key, const void *sample)
{
    return strcmp(key, ((const struct data_sample *)sample)->name);
}

struct lookup {
    const struct data_set *set;
    const char *path;
    const struct data_sample **by_stem;
    struct assignment {
        enum data_split split;
        uint32_t line; // 0: none yet
    } *assignments; // one per sample
};

static int compare_text_with_stem(const void *key, const void *element)
{
    const char *text = key, *name = (*(const struct data_sample *const *)element)->name;
    const size_t length = strlen(text), stem = data_stem_length(name);
    const int order = memcmp(text, name, length < stem ? length : stem);
    return order != 0 ? order : (length > stem) - (length < stem);
}

// By full name, else by the name without extension where that is unambiguous.
static enum nephos_status find_sample(const struct lookup *lookup, uint32_t line, const char *image, uint32_t *index)
{
    const struct data_set *set = lookup->set;
    const struct data_sample *exact = bsearch(image, set->samples, set->sample_count, sizeof *set->samples, compare_by_name);
    if (exact) {
        *index = (uint32_t)(exact - set->samples);
        return NEPHOS_OK;
    }
    const struct data_sample **found = bsearch(image, lookup->by_stem, set->sample_count, sizeof *lookup->by_stem, compare_text_with_stem);
    if (!found) return base_fail(set->log, NEPHOS_ERROR_DATA, "%s:%u: image \"%s\" is not in the data set", lookup->path, line, image);
    const size_t place = (size_t)(found - lookup->by_stem);
    if ((place > 0 && compare_by_stem(found, found - 1) == 0) || (place + 1 < set->sample_count && compare_by_stem(found, found + 1) == 0))
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s:%u: more than one image is called \"%s\"; add the extension", lookup->path, line,
                         image);
    *index = (uint32_t)(*found - set->samples);
    return NEPHOS_OK;
}

static enum nephos_status assign(struct lookup *lookup, uint32_t line, const char *image, const char *split)
{
    const struct data_set *set = lookup->set;
    uint32_t index = 0, value = 0;
    const enum nephos_status status = find_sample(lookup, line, image, &index);
    if (status != NEPHOS_OK) return status;
    while (value < ARRAY_COUNT(split_names) && strcmp(split, split_names[value]) != 0) value++;
    if (value == ARRAY_COUNT(split_names))
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s:%u: split \"%s\" of image %s; allowed are train, val and test", lookup->path,
                         line, split, image);
    struct assignment *assignment = &lookup->assignments[index];
    if (assignment->line)
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s:%u: image %s has a row already, on line %u", lookup->path, line,
                         set->samples[index].name, assignment->line);
    *assignment = (struct assignment){(enum data_split)value, line};
    return NEPHOS_OK;
}

// What is done with a bad row; a function of NULL: reading fails.
struct bad_row {
    void (*report)(void *user, uint32_t line);
    void *user;
};

static enum nephos_status read_assignment(struct lookup *lookup, struct csv *csv, uint32_t image_column, uint32_t split_column, bool *more)
{
    const enum nephos_status status = csv_next(csv, more);
    if (status != NEPHOS_OK || !*more) return status;
    return assign(lookup, csv->line, csv->field[image_column], csv->field[split_column]);
}

static enum nephos_status read_assignments(struct lookup *lookup, const struct bad_row *bad_row)
{
    enum nephos_status status = NEPHOS_OK;
    struct csv csv;
    uint32_t image_column, split_column;
    bool more;
    TRY(csv_open(lookup->set->log, lookup->path, &csv));
    TRY(csv_column(&csv, "image", &image_column));
    TRY(csv_column(&csv, "split", &split_column));
    do {
        status = read_assignment(lookup, &csv, image_column, split_column, &more);
        if (status != NEPHOS_OK && (status != NEPHOS_ERROR_DATA || !bad_row->report)) goto fail;
        if (status != NEPHOS_OK) {
            bad_row->report(bad_row->user, csv.line);
            csv_recover(&csv);
        }
    } while (more);
    status = NEPHOS_OK;
fail:
    csv_close(&csv);
    return status;
}

// An image left out must not slip into either side unseen.
static enum nephos_status check_complete(const struct lookup *lookup)
{
    uint32_t missing = 0, first = 0;
    for (uint32_t i = lookup->set->sample_count; i-- > 0;) {
        if (lookup->assignments[i].line) continue;
        missing++;
        first = i;
    }
    if (missing == 0) return NEPHOS_OK;
    return base_fail(lookup->set->log, NEPHOS_ERROR_DATA, "%s: no row for image %s (%u images in all); every image needs one", lookup->path,
                     lookup->set->samples[first].name, missing);
}

static enum nephos_status load(struct data_set *set, const char *path, const struct bad_row *bad_row)
{
    enum nephos_status status = NEPHOS_OK;
    struct lookup lookup = {.set = set, .path = path};
    lookup.by_stem = malloc((set->sample_count + 1) * sizeof *lookup.by_stem);
    lookup.assignments = calloc(set->sample_count + 1, sizeof *lookup.assignments);
    if (!lookup.by_stem || !lookup.assignments) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
    for (uint32_t i = 0; i < set->sample_count; i++) lookup.by_stem[i] = &set->samples[i];
    qsort(lookup.by_stem, set->sample_count, sizeof *lookup.by_stem, compare_by_stem);
    TRY(read_assignments(&lookup, bad_row));
    if (!bad_row->report) TRY(check_complete(&lookup));
    for (uint32_t i = 0; i < set->sample_count; i++)
        if (lookup.assignments[i].line) set->samples[i].split = lookup.assignments[i].split;
fail:
    free(lookup.by_stem);
    free(lookup.assignments);
    return status;
}

enum nephos_status data_split_load(struct data_set *set, const char *path)
{
    return load(set, path, &(struct bad_row){0});
}

enum nephos_status data_split_scan(struct data_set *set, const char *path, void (*bad_row)(void *user, uint32_t line), void *user)
{
    return load(set, path, &(struct bad_row){bad_row, user});
}
