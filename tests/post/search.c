// SPDX-License-Identifier: MIT
// Rules found on drawn probabilities, against trying each rule of the grid by itself.
#include "post/search.h"

#include <criterion/criterion.h>
#include <string.h>

enum { HEIGHT = 20, WIDTH = 30, PIXELS = HEIGHT * WIDTH, IMAGES = 7 };

static float probs[IMAGES][PIXELS], class_probs[IMAGES];
static uint8_t truth[IMAGES][PIXELS];

static uint32_t state;
static float next_random(void)
{
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / 16777216;
}

// A block of the class in most images, and probabilities that see it through noise.
static void draw(uint32_t seed)
{
    state = seed;
    for (int k = 0; k < IMAGES; k++) {
        const bool there = k % 3 != 0;
        class_probs[k] = there ? 0.4f + 0.5f * next_random() : 0.6f * next_random();
        for (int i = 0; i < PIXELS; i++) {
            const int y = i / WIDTH, x = i % WIDTH;
            truth[k][i] = there && y > 3 + k && y < 16 && x > 4 && x < 12 + 2 * k;
            probs[k][i] = truth[k][i] ? 0.25f + 0.6f * next_random() : 0.55f * next_random();
        }
    }
}

static double mean_dice(const struct post_rule *rule)
{
    double sum = 0;
    for (int k = 0; k < IMAGES; k++) {
        uint8_t mask[PIXELS];
        uint32_t hits = 0, both = 0;
        cr_assert_eq(post_mask(NULL, rule, probs[k], class_probs[k], HEIGHT, WIDTH, mask), NEPHOS_OK);
        for (int i = 0; i < PIXELS; i++) {
            hits += mask[i] & truth[k][i];
            both += (uint32_t)mask[i] + truth[k][i];
        }
        sum += both ? 2.0 * hits / both : 1;
    }
    return sum / IMAGES;
}

static struct post_rule search(enum post_shape shape, bool fill_holes, double *dice)
{
    struct post_search *s = NULL;
    struct post_rule rule;
    const struct post_search_params params = {2, HEIGHT, WIDTH, 0.5f, shape, fill_holes};
    cr_assert_eq(post_search_create(NULL, &params, &s), NEPHOS_OK);
    for (int k = 0; k < IMAGES; k++)
        cr_assert_eq(post_search_add(s, 1, probs[k], class_probs[k], truth[k]), NEPHOS_OK);
    post_search_best(s, 1, &rule, dice);
    post_search_destroy(&s);
    return rule;
}

Test(search, what_is_found_is_the_best_of_the_grid)
{
    static const uint64_t areas[] = {0, 1, 2, 3, 6, 12, 18, 30, 48, 72};
    static const enum post_shape shapes[] = {POST_SHAPE_NONE, POST_SHAPE_CONVEX, POST_SHAPE_RECTANGLE};
    for (uint32_t n = 0; n < 3; n++) {
        double dice, best = 0;
        draw(n + 1);
        const struct post_rule found = search(shapes[n], n > 0, &dice);
        // Of Dice in single precision.
        cr_assert_float_eq(mean_dice(&found), dice, 1e-6, "shape %u", n);
        for (int t = 1; t < 20; t++) {
            for (int ct = 0; ct < 20; ct++) {
                for (size_t a = 0; a < ARRAY_COUNT(areas); a++) {
                    const struct post_rule rule = {areas[a], PIXELS, shapes[n], n > 0, (float)t / 20, (float)ct / 20};
                    const double value = mean_dice(&rule);
                    best = value > best ? value : best;
                }
            }
        }
        cr_assert_float_eq(dice, best, 1e-6, "shape %u", n);
        const struct post_rule plain = {.threshold = 0.5f};
        cr_assert_gt(dice, mean_dice(&plain) + 0.01, "the plain rule leaves something to find");
    }
}

Test(search, the_plain_rule_is_kept_where_none_is_better)
{
    double dice;
    memset(truth, 0, sizeof truth);
    memset(probs, 0, sizeof probs);
    const struct post_rule rule = search(POST_SHAPE_CONVEX, true, &dice);
    cr_assert_eq(dice, 1);
    cr_assert(rule.threshold == 0.5f && rule.class_threshold == 0 && rule.min_area == 0 && rule.shape == POST_SHAPE_NONE &&
              !rule.fill_holes);
}

Test(search, images_without_the_class_are_vetoed)
{
    double dice;
    for (int k = 0; k < IMAGES; k++) {
        class_probs[k] = k % 2 ? 0.72f : 0.33f;
        for (int i = 0; i < PIXELS; i++) {
            truth[k][i] = k % 2 && i < 200;
            probs[k][i] = i < 200 ? 0.8f : 0.1f;
        }
    }
    const struct post_rule rule = search(POST_SHAPE_NONE, false, &dice);
    cr_assert_eq(dice, 1);
    cr_assert(rule.class_threshold > 0.33f && rule.class_threshold <= 0.72f, "%g", (double)rule.class_threshold);
}
