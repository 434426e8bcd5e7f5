// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(lovasz_loss, agrees_with_reference)
{
    op_test("lovasz_loss");
}

// Errors 3 (no label), 2 (label), 0.5 (no label), -1 (label): weights 1/3, 1/3, 1/12 of 1 - 2/3, 1 - 1/3, 1 - 1/4.
Test(lovasz_loss, has_the_value_of_the_formula)
{
    struct op_run run;
    op_run_open(&run);
    const float z[4] = {-0.5f, 2, 2, -1}, t[4] = {0, 1, 0, 1};
    op_run_input(&run, (struct op_shape){1, 1, 4, 1}, z);
    op_run_input(&run, (struct op_shape){1, 1, 4, 1}, t);
    op_run(&run, "lovasz_loss", &(struct op_attr){0});
    const float want[4] = {1.0f / 12, 0, 1.0f / 3, -1.0f / 3};
    cr_expect_float_eq(op_run_result(&run, 0)[0], 3.0 / 3 + 2.0 / 3 + 0.5 / 12, 1e-6);
    for (int i = 0; i < 4; i++)
        cr_expect_float_eq(op_run_result(&run, 1)[i], want[i], 1e-7, "%d", i);
    op_run_close(&run);
}

Test(lovasz_loss, is_zero_without_a_labelled_pixel)
{
    struct op_run run;
    op_run_open(&run);
    const float z[6] = {1, 2, 3}, t[3] = {255, 255, 255};
    op_run_input(&run, (struct op_shape){1, 1, 3, 2}, z);
    op_run_input(&run, (struct op_shape){1, 1, 3, 1}, t);
    op_run(&run, "lovasz_loss", &(struct op_attr){.mode = 1, .ignore_index = 255});
    cr_expect_eq(op_run_result(&run, 0)[0], 0);
    for (int i = 0; i < 6; i++)
        cr_expect_eq(op_run_result(&run, 1)[i], 0);
    op_run_close(&run);
}
