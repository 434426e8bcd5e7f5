// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>

Test(dice_loss, agrees_with_reference)
{
    op_test("dice_loss");
}

// Two pixels, two classes, p = 1/2 everywhere; only class 0 is in the target, at one pixel: 1 - 2 (1/2) / (1 + 1) = 1/2.
Test(dice_loss, counts_an_absent_class_as_zero_loss)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape shape = {1, 1, 2, 2};
    const float z[4] = {0}, t[4] = {1, 0, 0, 0}, nothing[4] = {0};
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, t);
    op_run(&run, "dice_loss", &(struct op_attr){0});
    cr_expect_float_eq(op_run_result(&run, 0)[0], 0.25, 1e-7);
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, nothing);
    op_run(&run, "dice_loss", &(struct op_attr){0});
    cr_expect_eq(op_run_result(&run, 0)[0], 0);
    op_run_close(&run);
}

Test(dice_loss, is_zero_for_a_perfect_prediction)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape shape = {1, 1, 2, 2};
    const float z[4] = {500, -500, -500, 500}, t[4] = {1, 0, 0, 1};
    for (uint32_t mode = 0; mode < 2; mode++) {
        op_run_input(&run, shape, z);
        op_run_input(&run, shape, t);
        op_run(&run, "dice_loss", &(struct op_attr){.mode = mode});
        cr_expect_eq(op_run_result(&run, 0)[0], 0);
    }
    op_run_close(&run);
}

Test(dice_loss, takes_indices_as_if_they_were_one_hot)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_attr attr = {.mode = 1, .ignore_index = 255};
    const struct op_shape shape = {1, 1, 3, 3};
    const float z[9] = {0.1f, 2, -1, 3, 0, 1, -2, 0.5f, 0.7f}, one_hot[9] = {0, 1, 0, 0, 0, 0, 1, 0, 0}, index[3] = {1, 255, 0};
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, one_hot);
    op_run(&run, "dice_loss", &attr);
    const float want = op_run_result(&run, 0)[0];
    op_run_input(&run, shape, z);
    op_run_input(&run, (struct op_shape){1, 1, 3, 1}, index);
    op_run(&run, "dice_loss", &attr);
    cr_expect_eq(op_run_result(&run, 0)[0], want);
    op_run_close(&run);
}

Test(dice_loss, refuses_a_target_of_another_shape)
{
    struct nephos_log *log = NULL;
    cr_assert(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &log) == NEPHOS_OK);
    const struct op_attr attr = {0};
    struct op_infer info = {
        .attr = &attr, .in = {{1, 4, 4, 3}, {1, 4, 4, 1}}, .present = {true, true}, .in_count = 2, .log = log, .label = "dice"};
    cr_expect_eq(op_dice_loss.infer(&info), NEPHOS_ERROR_ARGUMENT); // indices need mode 1
    cr_expect_str_eq(nephos_last_error(log), "dice: the target is 1x4x4x1 (NHWC), must be 1x4x4x3");
    nephos_log_destroy(&log);
}
