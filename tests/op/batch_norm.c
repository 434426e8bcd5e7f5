// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(batch_norm, agrees_with_reference)
{
    op_test("batch_norm");
}

Test(batch_norm_stats, agrees_with_reference)
{
    op_test("batch_norm_stats");
}

Test(batch_norm_infer, agrees_with_reference)
{
    op_test("batch_norm_infer");
}

Test(batch_norm_apply, agrees_with_reference)
{
    op_test("batch_norm_apply");
}

Test(fold_batch_norm, agrees_with_reference)
{
    op_test("fold_batch_norm");
}

Test(batch_norm, refuses_operands_of_other_shapes)
{
    const struct op_shape x = {2, 4, 5, 6}, pair = {1, 1, 2, 6};
    static const struct op_attr attr = {.eps = 1e-5f};
    const struct gpu_limits limits = {.max_binding_size = 1 << 27, .offset_alignment = 16};
    const struct {
        uint32_t in_count;
        struct op_shape residual, moments;
    } cases[] = {{2, {0}, {0}}, {4, {1, 4, 5, 6}, {0}}, {5, {0}, {1, 1, 2, 5}}, {5, x, {1, 1, 4, 6}}, {6, x, pair}};
    for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
        struct op_infer info = {.attr = &attr,
                                .in = {x, pair, pair, cases[i].residual, cases[i].moments, x},
                                .in_count = cases[i].in_count,
                                .limits = &limits,
                                .label = "batch_norm"};
        for (uint32_t k = 0; k < info.in_count; k++) info.present[k] = info.in[k].n != 0;
        cr_expect_eq(op_find("batch_norm")->infer(&info), NEPHOS_ERROR_ARGUMENT, "case %u", i);
    }
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

Test(batch_norm_apply, gives_what_batch_norm_gave_to_the_bit)
{
    enum { ROWS = 70, CHANNELS = 17, COUNT = ROWS * CHANNELS };
    static float x[COUNT], residual[COUNT], y[COUNT], saved[4 * CHANNELS];
    const struct op_shape shape = {1, ROWS, 1, CHANNELS}, pair = {1, 1, 2, CHANNELS};
    float wb[2 * CHANNELS], running[2 * CHANNELS] = {0};
    for (int i = 0; i < 2 * CHANNELS; i++) wb[i] = 0.3f + 0.1f * (float)(i % 7);
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)(i * 7919 % 1009) * 0.01f;
        residual[i] = (float)(i * 104729 % 997) * 0.003f - 1;
    }
    const struct op_attr attr = {.eps = 1e-5f, .momentum = 0.1f, .relu = 1};
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, shape, x);
    op_run_input(&run, pair, wb);
    op_run_input(&run, pair, running);
    op_run_input(&run, shape, residual);
    op_run(&run, "batch_norm", &attr);
    for (int i = 0; i < COUNT; i++) y[i] = op_run_result(&run, 0)[i];
    for (int i = 0; i < 4 * CHANNELS; i++) saved[i] = op_run_result(&run, 1)[i];
    op_run_close(&run);
    op_run_open(&run);
    op_run_input(&run, shape, x);
    op_run_input(&run, (struct op_shape){1, 1, 4, CHANNELS}, saved);
    op_run_input(&run, shape, residual);
    op_run(&run, "batch_norm_apply", &attr);
    for (int i = 0; i < COUNT; i++) cr_expect_eq(op_run_result(&run, 0)[i], y[i], "element %d", i);
    op_run_close(&run);
}
