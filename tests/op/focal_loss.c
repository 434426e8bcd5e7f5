// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>

Test(focal_loss, agrees_with_reference)
{
    op_test("focal_loss");
}

// p = 3/4 of a set pixel: (1/4)^2 * -log(3/4), a quarter of it by alpha.
Test(focal_loss, has_the_value_of_the_formula)
{
    struct op_run run;
    op_run_open(&run);
    const float z = logf(3), t = 1;
    op_run_input(&run, op_scalar(), &z);
    op_run_input(&run, op_scalar(), &t);
    op_run(&run, "focal_loss", &(struct op_attr){.alpha = 0.25f, .gamma = 2});
    cr_expect_float_eq(op_run_result(&run, 0)[0], 0.25 / 16 * -log(0.75), 1e-8);
    op_run_close(&run);
}

Test(focal_loss, stays_finite_at_extreme_logits)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_attr attr = {.gamma = 0.5f};
    const float z[] = {1e4f, -1e4f, 300, -300}, t[] = {1, 0, 0, 1}, count = 4, one = 1;
    op_run_input(&run, op_vector(4), z);
    op_run_input(&run, op_vector(4), t);
    op_run(&run, "focal_loss", &attr);
    cr_expect_float_eq(op_run_result(&run, 0)[0], 150, 1e-3);
    op_run_input(&run, op_vector(4), z);
    op_run_input(&run, op_vector(4), t);
    op_run_input(&run, op_scalar(), &count);
    op_run_input(&run, op_scalar(), &one);
    op_run(&run, "focal_loss_bwd", &attr);
    const float want[] = {0, 0, 0.25f, -0.25f};
    for (int i = 0; i < 4; i++)
        cr_expect_float_eq(op_run_result(&run, 0)[i], want[i], 1e-6);
    op_run_close(&run);
}

Test(focal_loss, is_zero_without_a_labelled_pixel)
{
    struct op_run run;
    op_run_open(&run);
    const float z[6] = {1, 2, 3}, t[3] = {255, 255, 255};
    op_run_input(&run, (struct op_shape){1, 1, 3, 2}, z);
    op_run_input(&run, (struct op_shape){1, 1, 3, 1}, t);
    op_run(&run, "focal_loss", &(struct op_attr){.mode = 1, .ignore_index = 255, .gamma = 2});
    cr_expect_eq(op_run_result(&run, 0)[0], 0);
    op_run_close(&run);
}
