// SPDX-License-Identifier: MIT
#include "common/device.h"
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>

Test(relu, agrees_with_reference)
{
    op_test("relu");
}

Test(leaky_relu, agrees_with_reference)
{
    op_test("leaky_relu");
}

Test(sigmoid, agrees_with_reference)
{
    op_test("sigmoid");
}

static void expect_result(const char *op, const struct op_attr *attr, const float *a, const float *b, uint32_t count, const float *want)
{
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, op_vector(count), a);
    if (b) op_run_input(&run, op_vector(count), b);
    op_run(&run, op, attr);
    for (uint32_t i = 0; i < count; i++) {
        const float got = op_run_result(&run, 0)[i];
        cr_expect(got == want[i] || (isnan(got) && isnan(want[i])), "%s [%u] is %g, should be %g", op, i, (double)got, (double)want[i]);
    }
    op_run_close(&run);
}

Test(relu, has_no_slope_at_zero)
{
    const float dy[3] = {5, 5, 5}, y[3] = {0, -0.0f, 1e-30f}, want[3] = {0, 0, 5};
    expect_result("relu_bwd", &(struct op_attr){0}, dy, y, 3, want);
}

Test(relu, lets_infinity_through)
{
    const float x[2] = {-INFINITY, INFINITY}, want[2] = {0, INFINITY};
    expect_result("relu", &(struct op_attr){0}, x, NULL, 2, want);
}

Test(sigmoid, saturates_without_overflow)
{
    const float x[4] = {-1e30f, -200, 200, 1e30f}, want[4] = {0, 0, 1, 1};
    expect_result("sigmoid", &(struct op_attr){0}, x, NULL, 4, want);
}

Test(leaky_relu, refuses_a_negative_slope)
{
    const struct op_attr attr = {.alpha = -0.5f};
    struct op_infer info = {.attr = &attr, .in = {op_scalar()}, .present = {true}, .in_count = 1, .log = test_log(), .label = "node"};
    cr_expect_eq(op_find("leaky_relu")->infer(&info), NEPHOS_ERROR_ARGUMENT);
}
