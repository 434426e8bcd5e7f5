// SPDX-License-Identifier: MIT
// Near-duplicates without comparing all pairs: of distance + 1 parts of the hashes at least one is equal where no more than `distance`
// bits differ, so only images that share a part are compared.
#include "analyze/twins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Few bits of a hash say little where an image has hardly any content, or where all images share a frame, such as the circle of a
// fisheye camera. The reduced images, 288 values, decide, without what all images have in common.
#define LEAST_LIKENESS 0.95
#define LEAST_DEVIATION 2.0 // of what is left of the reduced image, of 255: less says nothing
#define LEAST_IMAGES 20     // have something in common that is more than chance

struct entry {
    uint64_t key;
    uint32_t sample;
};
struct search {
    struct nephos_log *log;
    const struct data_set *set;
    const struct figures *figures;
    struct twins *twins;
    struct entry *entries;
    uint32_t count, capacity; // entries; room in the twins
    double common[LOOK_ROWS * LOOK_COLUMNS];
};

static const struct look *look_of(const struct search *search, uint32_t sample)
{
    return &search->figures->images[sample].look;
}

static bool is_readable(const struct search *search, uint32_t sample)
{
    return search->figures->images[sample].height > 0;
}

static bool is_identical(const struct search *search, uint32_t a, uint32_t b)
{
    const struct figures_image *x = &search->figures->images[a], *y = &search->figures->images[b];
    return x->height == y->height && x->width == y->width && memcmp(x->look.content, y->look.content, sizeof x->look.content) == 0;
}

// --- likeness ---------------------------------------------------------------------------------------------------------

enum { CELLS = LOOK_ROWS * LOOK_COLUMNS };

// The mean of all reduced images, 0 where they are too few.
static void find_common(struct search *search)
{
    uint32_t sums[CELLS] = {0}, readable = 0;
    for (uint32_t i = 0; i < search->figures->image_count; i++) {
        if (!is_readable(search, i)) continue;
        readable++;
        for (int k = 0; k < CELLS; k++)
            sums[k] += look_of(search, i)->cells[k];
    }
    for (int k = 0; k < CELLS && readable >= LEAST_IMAGES; k++)
        search->common[k] = (double)sums[k] / readable;
}

// The covariance of two reduced images.
static double product(const struct search *search, const struct look *a, const struct look *b)
{
    double sum_a = 0, sum_b = 0, sum = 0;
    for (int k = 0; k < CELLS; k++) {
        const double x = a->cells[k] - search->common[k], y = b->cells[k] - search->common[k];
        sum_a += x;
        sum_b += y;
        sum += x * y;
    }
    return sum / CELLS - sum_a / CELLS * (sum_b / CELLS);
}

static bool has_content(const struct search *search, const struct look *look)
{
    return product(search, look, look) >= LEAST_DEVIATION * LEAST_DEVIATION;
}

static double likeness_of(const struct search *search, const struct look *a, const struct look *b)
{
    const double scale = sqrt(product(search, a, a) * product(search, b, b));
    return scale > 0 ? product(search, a, b) / scale : 0;
}

// --- pairs ------------------------------------------------------------------------------------------------------------

static bool is_leak(const struct search *search, uint32_t a, uint32_t b)
{
    const enum data_split x = search->set->samples[a].split, y = search->set->samples[b].split;
    return x != y && x != DATA_NONE && y != DATA_NONE;
}

static enum nephos_status add_pair(struct search *search, uint32_t x, uint32_t y, bool identical)
{
    struct twins *twins = search->twins;
    const uint32_t a = x < y ? x : y, b = x < y ? y : x;
    struct twin twin = {a, b, identical, is_leak(search, a, b)};
    twin.distance = (uint32_t)__builtin_popcountll(look_of(search, a)->hash ^ look_of(search, b)->hash);
    twin.likeness = identical ? 1 : likeness_of(search, look_of(search, a), look_of(search, b));
    if (!identical && twin.likeness < LEAST_LIKENESS) return NEPHOS_OK;
    twins->identical += identical;
    twins->near += !identical;
    twins->leaks += twin.leak;
    if (twins->count == TWINS_KEPT) return NEPHOS_OK;
    if (twins->count == search->capacity) {
        const uint32_t capacity = search->capacity ? 2 * search->capacity : 64;
        struct twin *grown = realloc(twins->items, capacity * sizeof *grown);
        if (!grown) return base_fail(search->log, NEPHOS_ERROR_MEMORY, "out of memory for %u pairs of alike images", capacity);
        twins->items = grown;
        search->capacity = capacity;
    }
    twins->items[twins->count++] = twin;
    return NEPHOS_OK;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->sample > b->sample) - (a->sample < b->sample);
}

// The end of the entries that share the key of the one at `begin`.
static uint32_t end_of_key(const struct search *search, uint32_t begin)
{
    uint32_t end = begin;
    while (end < search->count && search->entries[end].key == search->entries[begin].key)
        end++;
    return end;
}

static enum nephos_status find_identical(struct search *search)
{
    search->count = 0;
    for (uint32_t i = 0; i < search->figures->image_count; i++)
        if (is_readable(search, i)) search->entries[search->count++] = (struct entry){look_of(search, i)->content[0], i};
    qsort(search->entries, search->count, sizeof *search->entries, compare_entries);
    for (uint32_t begin = 0, end; begin < search->count; begin = end) {
        end = end_of_key(search, begin);
        for (uint32_t i = begin + 1; i < end; i++) {
            if (!is_identical(search, search->entries[begin].sample, search->entries[i].sample)) continue;
            const enum nephos_status status = add_pair(search, search->entries[begin].sample, search->entries[i].sample, true);
            if (status != NEPHOS_OK) return status;
        }
    }
    return NEPHOS_OK;
}

// Part `part` of `parts` of a hash, as even as they can be.
static uint64_t part_of(uint64_t hash, uint32_t part, uint32_t parts)
{
    const uint32_t begin = part * 64 / parts, end = (part + 1) * 64 / parts;
    return end - begin == 64 ? hash : hash >> begin & ((UINT64_C(1) << (end - begin)) - 1);
}

// A pair that shares an earlier part was found there.
static bool found_before(uint64_t a, uint64_t b, uint32_t part, uint32_t parts)
{
    for (uint32_t p = 0; p < part; p++)
        if (part_of(a, p, parts) == part_of(b, p, parts)) return true;
    return false;
}

static enum nephos_status compare_group(struct search *search, uint32_t begin, uint32_t end, uint32_t part, uint32_t distance)
{
    for (uint32_t i = begin; i < end; i++) {
        const uint32_t a = search->entries[i].sample;
        const uint64_t hash = look_of(search, a)->hash;
        for (uint32_t k = i + 1; k < end; k++) {
            const uint32_t b = search->entries[k].sample;
            const uint64_t other = look_of(search, b)->hash;
            if ((uint32_t)__builtin_popcountll(hash ^ other) > distance || found_before(hash, other, part, distance + 1)) continue;
            if (is_identical(search, a, b)) continue;
            const enum nephos_status status = add_pair(search, a, b, false);
            if (status != NEPHOS_OK) return status;
        }
    }
    return NEPHOS_OK;
}

static enum nephos_status find_near(struct search *search, uint32_t part, uint32_t distance)
{
    search->count = 0;
    for (uint32_t i = 0; i < search->figures->image_count; i++)
        if (is_readable(search, i) && has_content(search, look_of(search, i)))
            search->entries[search->count++] = (struct entry){part_of(look_of(search, i)->hash, part, distance + 1), i};
    qsort(search->entries, search->count, sizeof *search->entries, compare_entries);
    for (uint32_t begin = 0, end; begin < search->count; begin = end) {
        end = end_of_key(search, begin);
        const enum nephos_status status = compare_group(search, begin, end, part, distance);
        if (status != NEPHOS_OK) return status;
    }
    return NEPHOS_OK;
}

static int compare_twins(const void *left, const void *right)
{
    const struct twin *x = left, *y = right;
    if (x->leak != y->leak) return x->leak ? -1 : 1;
    if (x->identical != y->identical) return x->identical ? -1 : 1;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

enum nephos_status twins_find(struct nephos_log *log, const struct data_set *set, const struct figures *figures, uint32_t distance,
                              struct twins *twins)
{
    enum nephos_status status = NEPHOS_OK;
    struct twins found = {0};
    struct search search = {.log = log, .set = set, .figures = figures, .twins = &found};
    search.entries = malloc(((size_t)figures->image_count + 1) * sizeof *search.entries);
    if (!search.entries) FAIL(log, NEPHOS_ERROR_MEMORY, "out of memory for the hashes of %u images", figures->image_count);
    find_common(&search);
    TRY(find_identical(&search));
    for (uint32_t part = 0; part <= distance; part++)
        TRY(find_near(&search, part, distance));
    if (found.count) qsort(found.items, found.count, sizeof *found.items, compare_twins);
    *twins = found;
    found = (struct twins){0};
fail:
    free(search.entries);
    twins_free(&found);
    return status;
}

void twins_free(struct twins *twins)
{
    free(twins->items);
    *twins = (struct twins){0};
}
