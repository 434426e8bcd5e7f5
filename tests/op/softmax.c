// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(softmax, agrees_with_reference)
{
    op_test("softmax");
}

Test(softmax, stays_finite_at_extreme_operands)
{
    struct op_run run;
    op_run_open(&run);
    const float x[6] = {1e30f, -1e30f, 0, -500, -500, -500}, want[6] = {1, 0, 0, 1 / 3.0f, 1 / 3.0f, 1 / 3.0f};
    op_run_input(&run, (struct op_shape){1, 1, 2, 3}, x);
    op_run(&run, "softmax", &(struct op_attr){0});
    for (int i = 0; i < 6; i++) cr_expect_float_eq(op_run_result(&run, 0)[i], want[i], 1e-6f);
    op_run_close(&run);
}
