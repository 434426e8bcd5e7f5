// SPDX-License-Identifier: MIT
#include "common/device.h"
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <string.h>

Test(max_pool2d, agrees_with_reference)
{
    op_test("max_pool2d");
}

Test(avg_pool2d, agrees_with_reference)
{
    op_test("avg_pool2d");
}

Test(global_avg_pool, agrees_with_reference)
{
    op_test("global_avg_pool");
}

static void expect_floats(const float *got, const float *want, int count)
{
    for (int i = 0; i < count; i++) cr_expect_eq(got[i], want[i], "[%d] is %g, should be %g", i, (double)got[i], (double)want[i]);
}

Test(max_pool2d, gives_the_gradient_of_equal_elements_to_the_first)
{
    struct op_run run;
    op_run_open(&run);
    const float x[16] = {0}, dy[4] = {1, 2, 4, 8};
    const float want[16] = {1, 0, 2, 0, 0, 0, 0, 0, 4, 0, 8, 0, 0, 0, 0, 0};
    op_run_input(&run, (struct op_shape){1, 4, 4, 1}, x);
    op_run_input(&run, (struct op_shape){1, 2, 2, 1}, dy);
    op_run(&run, "max_pool2d_bwd", &(struct op_attr){.kernel = {2, 2}, .size = {4, 4}});
    expect_floats(op_run_result(&run, 0), want, 16);
    op_run_close(&run);
}

Test(max_pool2d, takes_padding_for_less_than_any_number)
{
    struct op_run run;
    op_run_open(&run);
    const float x[4] = {-5, -6, -7, -1e30f}, want[1] = {-5};
    op_run_input(&run, (struct op_shape){1, 2, 2, 1}, x);
    op_run(&run, "max_pool2d", &(struct op_attr){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    expect_floats(op_run_result(&run, 0), want, 1);
    op_run_close(&run);
}

Test(avg_pool2d, counts_padding_as_zeros)
{
    struct op_run run;
    op_run_open(&run);
    const float x[1] = {9}, want[1] = {1};
    op_run_input(&run, (struct op_shape){1, 1, 1, 1}, x);
    op_run(&run, "avg_pool2d", &(struct op_attr){.kernel = {3, 3}, .stride = {1, 1}, .pad = {1, 1}});
    expect_floats(op_run_result(&run, 0), want, 1);
    op_run_close(&run);
}

static void expect_refusal(const char *op, struct op_attr attr, struct op_shape x, const char *words)
{
    struct op_infer info = {.attr = &attr, .in = {x}, .present = {true}, .in_count = 1, .log = test_log(), .label = "node"};
    cr_expect_eq(op_find(op)->infer(&info), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), words), "%s", nephos_last_error(test_log()));
}

Test(max_pool2d, refuses_windows_it_cannot_place)
{
    const struct op_shape x = {1, 2, 2, 1};
    expect_refusal("max_pool2d", (struct op_attr){.kernel = {0, 2}}, x, "kernel of 1 or more");
    expect_refusal("max_pool2d", (struct op_attr){.kernel = {2, 2}, .pad = {2, 0}}, x, "at most half");
    expect_refusal("max_pool2d", (struct op_attr){.kernel = {3, 3}}, x, "does not fit");
}
