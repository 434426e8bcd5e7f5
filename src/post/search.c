// SPDX-License-Identifier: MIT
// An image keeps its Dice by each pixel threshold and least area only; what class thresholds do to it is found at the end.
#include "post/search.h"

#include <stdlib.h>
#include <string.h>

#define STEPS 20 // of thresholds: 1/20 to 19/20
// Least areas, as shares of the image.
static const double shares[] = {0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12};
enum { AREAS = sizeof shares / sizeof shares[0], CELLS = (STEPS - 1) * AREAS };

struct image {
    float class_prob;
    float empty;       // the Dice of an empty mask: 1 where the truth is empty
    float plain;       // of the plain rule
    float dice[CELLS]; // [threshold][area]
};
struct images {
    struct image *list;
    uint32_t count, capacity;
};
struct post_search {
    struct nephos_log *log;
    struct post_search_params params;
    uint8_t *mask, *shaped; // [height * width]
    struct images *classes;
};

static float step(uint32_t index)
{
    return (float)index / STEPS;
}

static size_t pixels_of(const struct post_search *s)
{
    return (size_t)s->params.height * s->params.width;
}

static uint64_t area_of(const struct post_search *s, uint32_t index)
{
    return (uint64_t)(shares[index] * (double)pixels_of(s) + 0.5);
}

static enum nephos_status out_of_memory(struct nephos_log *log)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "search for rules: out of memory");
}

enum nephos_status post_search_create(struct nephos_log *log, const struct post_search_params *params, struct post_search **search)
{
    struct post_search *s = calloc(1, sizeof *s);
    if (!s) return out_of_memory(log);
    s->log = log;
    s->params = *params;
    s->mask = malloc(pixels_of(s) + 1);
    s->shaped = malloc(pixels_of(s) + 1);
    s->classes = calloc((size_t)params->class_count + 1, sizeof *s->classes);
    if (s->mask && s->shaped && s->classes) {
        *search = s;
        return NEPHOS_OK;
    }
    post_search_destroy(&s);
    return out_of_memory(log);
}

void post_search_destroy(struct post_search **search)
{
    if (!search || !*search) return;
    for (uint32_t c = 0; (*search)->classes && c < (*search)->params.class_count; c++)
        free((*search)->classes[c].list);
    free((*search)->classes);
    free((*search)->mask);
    free((*search)->shaped);
    free(*search);
    *search = NULL;
}

static struct image *new_image(struct images *images)
{
    if (images->count == images->capacity) {
        const uint32_t capacity = images->capacity ? 2 * images->capacity : 64;
        struct image *grown = realloc(images->list, capacity * sizeof *grown);
        if (!grown) return NULL;
        images->list = grown;
        images->capacity = capacity;
    }
    return &images->list[images->count++];
}

static uint64_t count_set(const uint8_t *mask, size_t pixels)
{
    uint64_t count = 0;
    for (size_t i = 0; i < pixels; i++)
        count += mask[i];
    return count;
}

static float dice_of(uint64_t hits, uint64_t set, uint64_t truth)
{
    return set + truth ? (float)(2.0 * (double)hits / (double)(set + truth)) : 1;
}

static float dice_of_mask(const uint8_t *mask, const uint8_t *truth, size_t pixels, uint64_t truth_count)
{
    uint64_t hits = 0;
    for (size_t i = 0; i < pixels; i++)
        hits += mask[i] & truth[i];
    return dice_of(hits, count_set(mask, pixels), truth_count);
}

static void set_mask(const float *probs, float threshold, size_t pixels, uint8_t *mask)
{
    for (size_t i = 0; i < pixels; i++)
        mask[i] = probs[i] >= threshold;
}

// Components of a thresholded mask with what they cover.
struct parts {
    struct post_components components;
    uint64_t *areas, *hits; // [count + 1]
};

static enum nephos_status find_parts(const struct post_search *s, const uint8_t *truth, struct parts *p)
{
    enum nephos_status status = post_components_find(s->log, s->mask, s->params.height, s->params.width, true, POST_8, &p->components);
    if (status != NEPHOS_OK) return status;
    p->areas = calloc((size_t)p->components.count + 1, sizeof *p->areas);
    p->hits = calloc((size_t)p->components.count + 1, sizeof *p->hits);
    if (!p->areas || !p->hits) return out_of_memory(s->log);
    for (size_t i = 0; i < pixels_of(s); i++) {
        p->areas[p->components.labels[i]]++;
        p->hits[p->components.labels[i]] += truth[i];
    }
    return NEPHOS_OK;
}

static void free_parts(struct parts *p)
{
    post_components_free(&p->components);
    free(p->areas);
    free(p->hits);
}

// The Dice of the components of at least `area` pixels, in their shapes.
static enum nephos_status try_area(const struct post_search *s, const struct parts *p, const uint8_t *truth, uint64_t truth_count,
                                   uint64_t area, float *dice)
{
    uint64_t hits = 0, set = 0;
    for (uint32_t k = 1; k <= p->components.count; k++) {
        if (p->areas[k] < area) continue;
        hits += p->hits[k];
        set += p->areas[k];
    }
    *dice = dice_of(hits, set, truth_count);
    if (s->params.shape == POST_SHAPE_NONE) return NEPHOS_OK;
    for (size_t i = 0; i < pixels_of(s); i++)
        s->shaped[i] = p->components.labels[i] && p->areas[p->components.labels[i]] >= area;
    const enum nephos_status status = post_set_shape(s->log, s->shaped, s->params.height, s->params.width, s->params.shape);
    if (status == NEPHOS_OK) *dice = dice_of_mask(s->shaped, truth, pixels_of(s), truth_count);
    return status;
}

// Dice [AREAS] by one pixel threshold.
static enum nephos_status try_threshold(const struct post_search *s, const float *probs, float threshold, const uint8_t *truth,
                                        uint64_t truth_count, float *dice)
{
    struct parts parts = {0};
    enum nephos_status status;
    set_mask(probs, threshold, pixels_of(s), s->mask);
    if (s->params.fill_holes) TRY(post_fill_holes(s->log, s->mask, s->params.height, s->params.width));
    TRY(find_parts(s, truth, &parts));
    for (uint32_t a = 0; a < AREAS; a++)
        TRY(try_area(s, &parts, truth, truth_count, area_of(s, a), &dice[a]));
fail:
    free_parts(&parts);
    return status;
}

enum nephos_status post_search_add(struct post_search *s, uint32_t class_index, const float *probs, float class_prob, const uint8_t *truth)
{
    struct image *image = new_image(&s->classes[class_index]);
    if (!image) return out_of_memory(s->log);
    const uint64_t truth_count = count_set(truth, pixels_of(s));
    image->class_prob = class_prob;
    image->empty = truth_count == 0;
    set_mask(probs, s->params.threshold, pixels_of(s), s->mask);
    image->plain = dice_of_mask(s->mask, truth, pixels_of(s), truth_count);
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t t = 1; t < STEPS && status == NEPHOS_OK; t++)
        status = try_threshold(s, probs, step(t), truth, truth_count, &image->dice[(t - 1) * AREAS]);
    if (status != NEPHOS_OK) s->classes[class_index].count--;
    return status;
}

// The mean Dice of one cell (CELLS: the plain rule) by a class threshold.
static double mean_dice(const struct images *images, uint32_t cell, float class_threshold)
{
    double sum = 0;
    for (uint32_t i = 0; i < images->count; i++) {
        const struct image *image = &images->list[i];
        const float kept = cell < CELLS ? image->dice[cell] : image->plain;
        sum += (double)(image->class_prob < class_threshold ? image->empty : kept);
    }
    return images->count ? sum / images->count : 0;
}

void post_search_best(const struct post_search *s, uint32_t class_index, struct post_rule *rule, double *dice)
{
    const struct images *images = &s->classes[class_index];
    *rule = (struct post_rule){.frame = pixels_of(s), .threshold = s->params.threshold};
    *dice = mean_dice(images, CELLS, 0);
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        for (uint32_t ct = 0; ct < STEPS; ct++) {
            const double found = mean_dice(images, cell, step(ct));
            if (found <= *dice) continue;
            *dice = found;
            *rule = (struct post_rule){.min_area = area_of(s, cell % AREAS),
                                       .frame = pixels_of(s),
                                       .shape = s->params.shape,
                                       .fill_holes = s->params.fill_holes,
                                       .threshold = step(cell / AREAS + 1),
                                       .class_threshold = step(ct)};
        }
    }
}
