// SPDX-License-Identifier: MIT
#include "train/ranking.h"

#include <criterion/criterion.h>
#include <math.h>

static struct ranking_areas areas(uint32_t count, const float *scores, const float *presence)
{
    struct ranking ranking;
    cr_assert_eq(ranking_create(NULL, 1, count, &ranking), NEPHOS_OK);
    for (uint32_t i = 0; i < count; i++) ranking_add(&ranking, &scores[i], &presence[i]);
    const struct ranking_areas result = ranking_class(&ranking, 0);
    ranking_free(&ranking);
    return result;
}

// By hand: thresholds 0.8 (1 hit), 0.4 (1 hit, 1 miss), 0.35 (2, 1), 0.1 (2, 2); the example of scikit-learn's documentation has 0.83
// and 0.75.
Test(ranking, agrees_with_values_by_hand)
{
    const struct ranking_areas a = areas(4, (float[]){0.1f, 0.4f, 0.35f, 0.8f}, (float[]){0, 0, 1, 1});
    cr_expect_float_eq(a.pr, 0.5 * 1 + 0.5 * 2 / 3, 1e-12);
    cr_expect_float_eq(a.roc, 0.75, 1e-12);
}

Test(ranking, equal_scores_are_one_step)
{
    const struct ranking_areas a = areas(4, (float[]){0.5f, 0.5f, 0.5f, 0.5f}, (float[]){1, 0, 0, 1});
    cr_expect_float_eq(a.pr, 0.5, 1e-12);
    cr_expect_float_eq(a.roc, 0.5, 1e-12);
    const struct ranking_areas b = areas(3, (float[]){0.9f, 0.5f, 0.5f}, (float[]){1, 1, 0});
    cr_expect_float_eq(b.pr, 0.5 + 0.5 * 2 / 3, 1e-12);
    cr_expect_float_eq(b.roc, 0.75, 1e-12);
}

Test(ranking, perfect_and_worst)
{
    const struct ranking_areas best = areas(4, (float[]){4, 3, 2, 1}, (float[]){1, 1, 0, 0});
    cr_expect_float_eq(best.pr, 1, 1e-12);
    cr_expect_float_eq(best.roc, 1, 1e-12);
    const struct ranking_areas worst = areas(4, (float[]){4, 3, 2, 1}, (float[]){0, 0, 1, 1});
    cr_expect_float_eq(worst.pr, 0.5 / 3 + 0.5 / 2, 1e-12);
    cr_expect_float_eq(worst.roc, 0, 1e-12);
}

Test(ranking, a_class_that_all_or_no_images_have_has_no_area)
{
    const struct ranking_areas all = areas(2, (float[]){0.3f, 0.6f}, (float[]){1, 1}), none = areas(2, (float[]){0.3f, 0.6f}, (float[]){0, 0});
    cr_expect_float_eq(all.pr, 1, 1e-12);
    cr_expect(isnan(all.roc));
    cr_expect(isnan(none.pr) && isnan(none.roc));
}

Test(ranking, the_mean_leaves_classes_without_an_area_out)
{
    struct ranking ranking;
    cr_assert_eq(ranking_create(NULL, 2, 3, &ranking), NEPHOS_OK);
    ranking_add(&ranking, (float[]){0.9f, 0.1f}, (float[]){1, 0});
    ranking_add(&ranking, (float[]){0.1f, 0.2f}, (float[]){0, 0});
    cr_expect_float_eq(ranking_mean(&ranking).roc, 1, 1e-12);
    cr_expect(isnan(ranking_class(&ranking, 1).roc));
    ranking_reset(&ranking);
    cr_expect(isnan(ranking_mean(&ranking).pr));
    ranking_free(&ranking);
}
