// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>

Test(softmax_cross_entropy, agrees_with_reference)
{
    op_test("softmax_cross_entropy");
}

Test(softmax_cross_entropy, is_zero_without_a_labelled_pixel)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_attr attr = {.ignore_index = 2};
    const struct op_shape logits = {1, 1, 3, 4}, pixels = {1, 1, 3, 1};
    const float z[12] = {1, 2, 3, 4}, t[3] = {2, 255, -1}, count = 0, dloss = 1; // ignored, no class, no class
    op_run_input(&run, logits, z);
    op_run_input(&run, pixels, t);
    op_run(&run, "softmax_cross_entropy", &attr);
    cr_expect_eq(op_run_result(&run, 0)[0], 0);
    cr_expect_eq(op_run_result(&run, 1)[0], 0);

    op_run_input(&run, logits, z);
    op_run_input(&run, pixels, t);
    op_run_input(&run, op_scalar(), &count);
    op_run_input(&run, op_scalar(), &dloss);
    op_run(&run, "softmax_cross_entropy_bwd", &attr);
    for (int i = 0; i < 12; i++) cr_expect_eq(op_run_result(&run, 0)[i], 0);
    op_run_close(&run);
}

Test(softmax_cross_entropy, stays_exact_at_extreme_logits)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape logits = {1, 1, 1, 3};
    const float z[3] = {1e4f, -1e4f, 0}, right = 0, wrong = 2;
    op_run_input(&run, logits, z);
    op_run_input(&run, op_scalar(), &right);
    op_run(&run, "softmax_cross_entropy", &(struct op_attr){0});
    cr_expect_eq(op_run_result(&run, 0)[0], 0);
    op_run_input(&run, logits, z);
    op_run_input(&run, op_scalar(), &wrong);
    op_run(&run, "softmax_cross_entropy", &(struct op_attr){0});
    cr_expect_eq(op_run_result(&run, 0)[0], 1e4f);
    op_run_close(&run);
}

Test(softmax_cross_entropy, keeps_the_digits_of_a_small_loss)
{
    struct op_run run;
    op_run_open(&run);
    const float z[3] = {15, 0, 0}, t = 0;
    op_run_input(&run, (struct op_shape){1, 1, 1, 3}, z);
    op_run_input(&run, op_scalar(), &t);
    op_run(&run, "softmax_cross_entropy", &(struct op_attr){0});
    const double want = log1p(2 * exp(-15.0));
    cr_expect_float_eq(op_run_result(&run, 0)[0] / want, 1, 5e-6);
    op_run_close(&run);
}

// More than 128 groups, so that the second pass takes more than one turn.
Test(softmax_cross_entropy, adds_up_many_groups)
{
    enum { PIXELS = 200000 };
    static float z[2 * PIXELS], t[PIXELS];
    double sum = 0;
    for (int i = 0; i < PIXELS; i++) {
        z[2 * i] = (float)sin(i);
        t[i] = (float)(i % 2);
        sum += log1p(exp((double)z[2 * i])) - (i % 2 ? 0 : (double)z[2 * i]);
    }
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, (struct op_shape){1, 1, PIXELS, 2}, z);
    op_run_input(&run, (struct op_shape){1, 1, PIXELS, 1}, t);
    op_run(&run, "softmax_cross_entropy", &(struct op_attr){0});
    cr_expect_float_eq(op_run_result(&run, 0)[0] / (sum / PIXELS), 1, 1e-6);
    cr_expect_eq(op_run_result(&run, 1)[0], PIXELS);
    op_run_close(&run);
}
