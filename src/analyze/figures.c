// SPDX-License-Identifier: MIT
#include "analyze/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum nephos_status figures_create(struct nephos_log *log, const struct data_set *set, struct figures **figures)
{
    struct figures *t = calloc(1, sizeof *t);
    if (!t) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for the figures");
    t->class_count = set->class_count;
    t->image_count = set->sample_count;
    t->classes = calloc(set->class_count + 1, sizeof *t->classes);
    t->images = calloc((size_t)set->sample_count + 1, sizeof *t->images);
    t->masks_per_image = calloc(set->class_count + 1, sizeof *t->masks_per_image);
    t->together = calloc((size_t)set->class_count * set->class_count + 1, sizeof *t->together);
    if (!t->classes || !t->images || !t->masks_per_image || !t->together) {
        figures_destroy(&t);
        return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for the figures of %u images", set->sample_count);
    }
    *figures = t;
    return NEPHOS_OK;
}

void figures_destroy(struct figures **figures)
{
    struct figures *t = *figures;
    if (!t) return;
    for (uint32_t c = 0; t->classes && c < t->class_count; c++)
        free(t->classes[c].shares);
    free(t->classes);
    free(t->images);
    free(t->masks_per_image);
    free(t->together);
    free(t);
    *figures = NULL;
}

static uint32_t bin_of(double share)
{
    const uint32_t bin = (uint32_t)(share * SHARE_BINS);
    return bin < SHARE_BINS ? bin : SHARE_BINS - 1;
}

// --- colours ----------------------------------------------------------------------------------------------------------

static void add_colours(struct figures *figures, const struct measure *measure)
{
    const uint64_t pixels = (uint64_t)measure->height * measure->width;
    uint64_t sum = 0, squares = 0;
    for (int c = 0; c < CHANNELS; c++)
        for (int v = 0; v < LEVELS; v++)
            figures->levels[c][v] += measure->levels[c][v];
    for (uint64_t v = 0; v < LEVELS; v++) {
        sum += v * measure->levels[BRIGHTNESS][v];
        squares += v * v * measure->levels[BRIGHTNESS][v];
    }
    const double mean = (double)sum / (double)pixels, variance = (double)squares / (double)pixels - mean * mean;
    const double black = (double)measure->black / (double)pixels;
    figures->pixels += pixels;
    figures->contrast += variance > 0 ? sqrt(variance) / 255 : 0;
    figures->brightness[bin_of(mean / 255)]++;
    figures->black[bin_of(black)]++;
    figures->black_sum += black;
    figures->half_black += black > 0.5;
}

static double moment(const struct figures *figures, enum channel channel, bool squares)
{
    double sum = 0;
    for (int v = 0; v < LEVELS; v++)
        sum += (double)figures->levels[channel][v] * (squares ? v * v : v);
    return sum / (double)figures->pixels / (squares ? 255.0 * 255 : 255);
}

double figures_mean(const struct figures *figures, enum channel channel)
{
    return figures->pixels ? moment(figures, channel, false) : NAN;
}

double figures_deviation(const struct figures *figures, enum channel channel)
{
    if (!figures->pixels) return NAN;
    const double mean = moment(figures, channel, false), variance = moment(figures, channel, true) - mean * mean;
    return variance > 0 ? sqrt(variance) : 0;
}

// --- sizes and sets ---------------------------------------------------------------------------------------------------

static void add_size(struct figures *figures, const struct measure *measure)
{
    uint32_t i = 0;
    while (i < figures->size_count && (figures->sizes[i].height != measure->height || figures->sizes[i].width != measure->width))
        i++;
    if (i == SIZE_LIMIT) {
        figures->other_sizes++;
        return;
    }
    if (i == figures->size_count) figures->sizes[figures->size_count++] = (struct figures_size){measure->height, measure->width, 0};
    figures->sizes[i].images++;
}

static uint16_t add_set(struct figures *figures, const struct measure *measure)
{
    struct figures_set set = {0};
    for (uint32_t c = 0; c < figures->class_count; c++)
        if (measure->masks[c].area) set.bits[c / 64] |= UINT64_C(1) << c % 64;
    uint32_t i = 0;
    while (i < figures->set_count && memcmp(figures->sets[i].bits, set.bits, sizeof set.bits) != 0)
        i++;
    if (i == SET_LIMIT) {
        figures->other_sets++;
        return SET_LIMIT;
    }
    if (i == figures->set_count) figures->sets[figures->set_count++] = set;
    figures->sets[i].images++;
    return (uint16_t)i;
}

// --- masks ------------------------------------------------------------------------------------------------------------

static uint32_t cell_pixels(uint32_t cell, uint32_t cells, uint32_t size)
{
    const uint64_t begin = ((uint64_t)cell * size + cells - 1) / cells, end = ((uint64_t)(cell + 1) * size + cells - 1) / cells;
    return (uint32_t)(end - begin);
}

static void add_cover(struct figures_class *class, const struct measure *measure, const uint32_t *cover)
{
    for (uint32_t y = 0; y < GRID_ROWS; y++)
        for (uint32_t x = 0; x < GRID_COLUMNS; x++) {
            const uint64_t pixels = (uint64_t)cell_pixels(y, GRID_ROWS, measure->height) * cell_pixels(x, GRID_COLUMNS, measure->width);
            if (pixels) class->cover[y][x] += (double)cover[y * GRID_COLUMNS + x] / (double)pixels;
        }
}

static bool keep_share(struct figures_class *class, float share)
{
    if (class->images == class->share_capacity) {
        const size_t capacity = class->share_capacity ? 2 * class->share_capacity : 64;
        float *grown = realloc(class->shares, capacity * sizeof *grown);
        if (!grown) return false;
        class->shares = grown;
        class->share_capacity = capacity;
    }
    class->shares[class->images] = share;
    return true;
}

static bool add_class(struct figures_class *class, const struct measure *measure, uint32_t c, enum data_split split)
{
    const struct measure_mask *mask = &measure->masks[c];
    const double share = (double)mask->area / ((double)measure->height * measure->width);
    if (!keep_share(class, (float)share)) return false;
    class->images++;
    class->by_split[split]++;
    class->component_count += mask->components;
    class->components[(mask->components < COMPONENT_BINS ? mask->components : COMPONENT_BINS) - 1]++;
    class->areas[bin_of(share)]++;
    class->area_sum += share;
    class->centres[(uint32_t)(mask->row * GRID_ROWS)][(uint32_t)(mask->column * GRID_COLUMNS)]++;
    add_cover(class, measure, measure->cover + (size_t)c * GRID_ROWS * GRID_COLUMNS);
    return true;
}

static bool add_masks(struct figures *figures, const struct measure *measure, enum data_split split)
{
    uint32_t masks = 0;
    for (uint32_t c = 0; c < figures->class_count; c++) {
        if (!measure->masks[c].area) continue;
        masks++;
        if (!add_class(&figures->classes[c], measure, c, split)) return false;
        for (uint32_t d = 0; d < figures->class_count; d++)
            figures->together[(size_t)c * figures->class_count + d] += measure->masks[d].area > 0;
    }
    figures->masks_per_image[masks]++;
    figures->labelled++;
    figures->ignored += measure->ignored;
    return true;
}

enum nephos_status figures_add(struct nephos_log *log, struct figures *figures, const struct data_set *set, uint32_t sample,
                               const struct measure *measure)
{
    const enum data_split split = set->samples[sample].split;
    struct figures_image *image = &figures->images[sample];
    figures->by_split[split]++;
    image->set = SET_LIMIT;
    if (!measure->readable) return NEPHOS_OK;
    figures->readable++;
    figures->grey += measure->grey;
    image->height = (uint16_t)measure->height;
    image->width = (uint16_t)measure->width;
    image->look = measure->look;
    add_size(figures, measure);
    add_colours(figures, measure);
    if (!measure->labelled) return NEPHOS_OK;
    image->set = add_set(figures, measure);
    if (add_masks(figures, measure, split)) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for the figures of %u images", sample + 1);
}

// --- the end ----------------------------------------------------------------------------------------------------------

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void find_median(struct figures_class *class)
{
    const size_t n = class->images;
    class->area_median = NAN;
    if (!n) return;
    qsort(class->shares, n, sizeof *class->shares, compare_floats);
    class->area_median = ((double)class->shares[(n - 1) / 2] + (double)class->shares[n / 2]) / 2;
}

static int compare_sizes(const void *left, const void *right)
{
    const struct figures_size *a = left, *b = right;
    if (a->images != b->images) return a->images > b->images ? -1 : 1;
    if (a->height != b->height) return a->height > b->height ? -1 : 1;
    return (b->width > a->width) - (b->width < a->width);
}

// Insertion: the images' indices must follow. Equal counts keep the order of first appearance.
static void sort_sets(struct figures *figures)
{
    uint16_t order[SET_LIMIT], place[SET_LIMIT + 1];
    struct figures_set sorted[SET_LIMIT];
    for (uint32_t i = 0; i < figures->set_count; i++) {
        uint32_t at = i;
        for (; at > 0 && figures->sets[order[at - 1]].images < figures->sets[i].images; at--)
            order[at] = order[at - 1];
        order[at] = (uint16_t)i;
    }
    for (uint32_t i = 0; i < figures->set_count; i++) {
        place[order[i]] = (uint16_t)i;
        sorted[i] = figures->sets[order[i]];
    }
    place[SET_LIMIT] = SET_LIMIT;
    memcpy(figures->sets, sorted, figures->set_count * sizeof *sorted);
    for (uint32_t i = 0; i < figures->image_count; i++)
        figures->images[i].set = place[figures->images[i].set];
}

void figures_end(struct figures *figures)
{
    for (uint32_t c = 0; c < figures->class_count; c++)
        find_median(&figures->classes[c]);
    qsort(figures->sizes, figures->size_count, sizeof *figures->sizes, compare_sizes);
    sort_sets(figures);
}
