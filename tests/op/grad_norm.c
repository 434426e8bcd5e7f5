// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(sum_squares, agrees_with_reference)
{
    op_test("sum_squares");
}

Test(clip_scale, agrees_with_reference)
{
    op_test("clip_scale");
}

Test(clip_scale, flags_norms_that_are_not_finite)
{
    struct op_run run;
    op_run_open(&run);
    const float bad[] = {NAN, -NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        const float partial[3] = {1, bad[i], 2};
        op_run_input(&run, op_vector(3), partial);
        op_run(&run, "clip_scale", &(struct op_attr){.alpha = 1});
        cr_expect_eq(op_run_result(&run, 0)[0], 1, "the factor must stay a number");
        cr_expect_eq(op_run_result(&run, 0)[2], 0);
    }
    op_run_close(&run);
}

Test(sum_squares, passes_an_overflow_on)
{
    struct op_run run;
    op_run_open(&run);
    const float x[3] = {1, 1e30f, 2};
    op_run_input(&run, op_vector(3), x);
    op_run(&run, "sum_squares", &(struct op_attr){0});
    cr_expect(isinf(op_run_result(&run, 0)[0]));
    op_run_close(&run);
}

// The two kernels together: the norm of more elements than the groups take in one turn.
Test(clip_scale, clips_by_the_norm_of_a_slab)
{
    enum { COUNT = 200003 };
    static float x[COUNT], partial[1024];
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)(0.01 * cos(i));
        sum += (double)x[i] * (double)x[i];
    }
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, op_vector(COUNT), x);
    op_run(&run, "sum_squares", &(struct op_attr){0});
    memcpy(partial, op_run_result(&run, 0), sizeof partial);
    op_run_input(&run, op_vector(1024), partial);
    op_run(&run, "clip_scale", &(struct op_attr){.alpha = 1});
    cr_expect_float_eq(op_run_result(&run, 0)[0] * (sqrt(sum) + 1e-6), 1, 1e-6);
    cr_expect_float_eq(op_run_result(&run, 0)[1] / sqrt(sum), 1, 1e-6);
    cr_expect_eq(op_run_result(&run, 0)[2], 1);
    op_run_close(&run);
}
