// SPDX-License-Identifier: MIT
#include "common/device.h"
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <string.h>

Test(crop, agrees_with_reference)
{
    op_test("crop");
}

Test(upsample_nearest, agrees_with_reference)
{
    op_test("upsample_nearest");
}

Test(upsample_bilinear, agrees_with_reference)
{
    op_test("upsample_bilinear");
}

Test(upsample_bilinear, takes_pixels_as_areas)
{
    struct op_run run;
    op_run_open(&run);
    const float x[2] = {0, 1}, want[4] = {0, 0.25f, 0.75f, 1};
    op_run_input(&run, (struct op_shape){1, 1, 2, 1}, x);
    op_run(&run, "upsample_bilinear", &(struct op_attr){.size = {1, 4}});
    for (int i = 0; i < 4; i++) cr_expect_eq(op_run_result(&run, 0)[i], want[i], "[%d] is %g", i, (double)op_run_result(&run, 0)[i]);
    op_run_close(&run);
}

static void expect_refusal(const char *op, uint32_t h, uint32_t w, const char *words)
{
    const struct op_attr attr = {.size = {h, w}};
    struct op_infer info = {.attr = &attr, .in = {{1, 4, 6, 1}}, .present = {true}, .in_count = 1, .log = test_log(), .label = "node"};
    cr_expect_eq(op_find(op)->infer(&info), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), words), "%s", nephos_last_error(test_log()));
}

Test(crop, refuses_to_grow)
{
    expect_refusal("crop", 5, 6, "can't be cut");
}

Test(upsample_nearest, refuses_a_broken_factor)
{
    expect_refusal("upsample_nearest", 8, 15, "no multiple");
}

Test(upsample_bilinear, refuses_a_size_past_its_integers)
{
    expect_refusal("upsample_bilinear", 8, 40000, "more than");
}
