// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>

Test(bce_with_logits, agrees_with_reference)
{
    op_test("bce_with_logits");
}

Test(bce_with_logits, stays_exact_at_extreme_logits)
{
    struct op_run run;
    op_run_open(&run);
    const float z[] = {1e4f, -1e4f, 200, -200}, wrong[] = {0, 1, 0, 1}, right[] = {1, 0, 1, 0}, one = 1;
    op_run_input(&run, op_vector(4), z);
    op_run_input(&run, op_vector(4), wrong);
    op_run(&run, "bce_with_logits", &(struct op_attr){0});
    cr_expect_float_eq(op_run_result(&run, 0)[0], 5100, 1e-3);

    op_run_input(&run, op_vector(4), z);
    op_run_input(&run, op_vector(4), right);
    op_run(&run, "bce_with_logits", &(struct op_attr){0});
    cr_expect_eq(op_run_result(&run, 0)[0], 0);

    op_run_input(&run, op_vector(4), z);
    op_run_input(&run, op_vector(4), wrong);
    op_run_input(&run, op_scalar(), &one);
    op_run(&run, "bce_with_logits_bwd", &(struct op_attr){0});
    for (int i = 0; i < 4; i++) cr_expect_float_eq(op_run_result(&run, 0)[i], i % 2 ? -0.25f : 0.25f, 1e-7);
    op_run_close(&run);
}

// log(1 + x) taken literally would lose all but three digits here.
Test(bce_with_logits, keeps_the_digits_of_a_small_loss)
{
    struct op_run run;
    op_run_open(&run);
    for (float z = 1; z < 40; z += 1.7f) {
        const float t = 1;
        op_run_input(&run, op_scalar(), &z);
        op_run_input(&run, op_scalar(), &t);
        op_run(&run, "bce_with_logits", &(struct op_attr){0});
        const double want = log1p(exp(-(double)z));
        // Vulkan's exp may be off by 3 + 2 |x| units in the last place.
        cr_expect_float_eq(op_run_result(&run, 0)[0] / want, 1, 1.2e-7 * (5 + 2 * (double)z), "z %g: %g, should be %g", (double)z,
                           (double)op_run_result(&run, 0)[0], want);
    }
    op_run_close(&run);
}

// More than 128 groups, so that the second pass takes more than one turn.
Test(bce_with_logits, adds_up_many_groups)
{
    enum { COUNT = 300000 };
    static float z[COUNT], t[COUNT];
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        z[i] = (float)sin(i);
        t[i] = (float)(i % 3 == 0);
        sum += fmax((double)z[i], 0) - (double)z[i] * (double)t[i] + log1p(exp(-fabs((double)z[i])));
    }
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, op_vector(COUNT), z);
    op_run_input(&run, op_vector(COUNT), t);
    op_run(&run, "bce_with_logits", &(struct op_attr){0});
    cr_expect_float_eq(op_run_result(&run, 0)[0] / (sum / COUNT), 1, 1e-6);
    op_run_close(&run);
}
