// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(batch_norm, agrees_with_reference)
{
    op_test("batch_norm");
}

Test(batch_norm_infer, agrees_with_reference)
{
    op_test("batch_norm_infer");
}

Test(fold_batch_norm, agrees_with_reference)
{
    op_test("fold_batch_norm");
}

// A difference of mean square and squared mean would have no digit left here: the square is 1e8, the variance 1.
Test(batch_norm, keeps_its_digits_far_from_zero)
{
    enum { ROWS = 3000 };
    static float x[ROWS];
    const float wb[2] = {1, 0}, running[2] = {0, 1};
    for (int i = 0; i < ROWS; i++) x[i] = 10000 + (i % 2 ? 1.0f : -1.0f);
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, (struct op_shape){1, ROWS, 1, 1}, x);
    op_run_input(&run, (struct op_shape){1, 1, 2, 1}, wb);
    op_run_input(&run, (struct op_shape){1, 1, 2, 1}, running);
    op_run(&run, "batch_norm", &(struct op_attr){.eps = 1e-5f, .momentum = 1});
    for (int i = 0; i < ROWS; i++) cr_expect_float_eq(op_run_result(&run, 0)[i], i % 2 ? 1 : -1, 1e-4f);
    cr_expect_float_eq(op_run_state(&run, 2)[0], 10000, 1e-3f);
    cr_expect_float_eq(op_run_state(&run, 2)[1], ROWS / (ROWS - 1.0f), 1e-5f);
    op_run_close(&run);
}
