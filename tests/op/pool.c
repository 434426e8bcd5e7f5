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

// In overlapping windows of equal elements the first that isn't padding wins, whatever computes it.
Test(max_pool2d, finds_the_first_of_equal_elements_by_every_kernel)
{
    enum { C = 16, H = 5, W = 9, YH = 3, YW = 5 };
    struct op_run run;
    const struct op_attr attr = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}, .size = {H, W}};
    float x[H * W * C] = {0}, dy[YH * YW * C], want[H * W * C] = {0};
    for (uint32_t i = 0; i < YH * YW * C; i++) {
        const uint32_t h = i / C / YW * 2, w = i / C % YW * 2;
        dy[i] = (float)(1 + i);
        want[((h ? h - 1 : 0) * W + (w ? w - 1 : 0)) * C + i % C] += dy[i];
    }
    op_run_open(&run);
    for (uint32_t choice = 0; choice < 2; choice++) {
        op_run_input(&run, (struct op_shape){1, H, W, C}, x);
        op_run_input(&run, (struct op_shape){1, YH, YW, C}, dy);
        run.tape.choice = choice;
        op_run(&run, "max_pool2d_bwd", &attr);
        expect_floats(op_run_result(&run, 0), want, H * W * C);
    }
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
