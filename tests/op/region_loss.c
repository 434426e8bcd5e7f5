// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"
#include "region_loss.h"

#include <criterion/criterion.h>
#include <math.h>

Test(region_loss, agrees_with_reference)
{
    op_test("region_loss");
}

// Two pixels, two classes, p = 1/2 everywhere; only class 0 is in the target, at one pixel: 1 - 2 (1/2) / (1 + 1) = 1/2.
Test(region_loss, counts_an_absent_class_as_zero_loss)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape shape = {1, 1, 2, 2};
    const float z[4] = {0}, t[4] = {1, 0, 0, 0}, nothing[4] = {0};
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, t);
    op_run(&run, "region_loss", &(struct op_attr){0});
    cr_expect_float_eq(op_run_result(&run, 0)[0], 0.25, 1e-7);
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, nothing);
    op_run(&run, "region_loss", &(struct op_attr){0});
    cr_expect_eq(op_run_result(&run, 0)[0], 0);
    op_run_close(&run);
}

Test(region_loss, is_zero_for_a_perfect_prediction)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape shape = {1, 1, 2, 2};
    const float z[4] = {500, -500, -500, 500}, t[4] = {1, 0, 0, 1};
    for (uint32_t mode = 0; mode < 2; mode++) {
        op_run_input(&run, shape, z);
        op_run_input(&run, shape, t);
        op_run(&run, "region_loss", &(struct op_attr){.mode = mode});
        cr_expect_eq(op_run_result(&run, 0)[0], 0);
    }
    op_run_close(&run);
}

Test(region_loss, takes_indices_as_if_they_were_one_hot)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_attr attr = {.mode = 1, .ignore_index = 255};
    const struct op_shape shape = {1, 1, 3, 3};
    const float z[9] = {0.1f, 2, -1, 3, 0, 1, -2, 0.5f, 0.7f}, one_hot[9] = {0, 1, 0, 0, 0, 0, 1, 0, 0}, index[3] = {1, 255, 0};
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, one_hot);
    op_run(&run, "region_loss", &attr);
    const float want = op_run_result(&run, 0)[0];
    op_run_input(&run, shape, z);
    op_run_input(&run, (struct op_shape){1, 1, 3, 1}, index);
    op_run(&run, "region_loss", &attr);
    cr_expect_eq(op_run_result(&run, 0)[0], want);
    op_run_close(&run);
}

// Of four pairs of image and class two have pixels: 1 - 2 (1/2) / (1 + 1) and 1 - 2 (1) / (1 + 2).
Test(region_loss, of_positive_masks_leaves_out_images_without_the_class)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape shape = {2, 1, 2, 2};
    const float z[8] = {0}, t[8] = {1, 0, 0, 0, 0, 1, 0, 1};
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, t);
    op_run(&run, "region_loss", &(struct op_attr){.region = REGION_DICE_POSITIVE});
    cr_expect_float_eq(op_run_result(&run, 0)[0], (0.5 + 1.0 / 3) / 2, 1e-7);
    op_run_close(&run);
}

Test(region_loss, is_zero_for_perfect_predictions_and_has_a_finite_gradient)
{
    struct op_run run;
    op_run_open(&run);
    const struct op_shape shape = {1, 1, 2, 2};
    const float z[4] = {500, -500, -500, 500}, t[4] = {1, 0, 0, 1}, sums[6] = {1, 1, 1, 1, 1, 1}, one = 1;
    for (uint32_t region = REGION_DICE; region <= REGION_MCC; region++) {
        const struct op_attr attr = {.region = region, .alpha = 0.5f, .beta = 0.5f, .gamma = 0.5f};
        op_run_input(&run, shape, z);
        op_run_input(&run, shape, t);
        op_run(&run, "region_loss", &attr);
        const double eps = region == REGION_MCC ? 3e-5 : 1e-6; // Matthews' counts have 1e-5 pixels more
        cr_expect_float_eq(op_run_result(&run, 0)[0], 0, eps, "region %u", region);
        op_run_input(&run, shape, z);
        op_run_input(&run, shape, t);
        op_run_input(&run, (struct op_shape){1, 1, 3, 2}, sums);
        op_run_input(&run, op_scalar(), &one);
        op_run(&run, "region_loss_bwd", &attr);
        for (int i = 0; i < 4; i++)
            cr_expect_float_eq(op_run_result(&run, 0)[i], 0, 1e-6, "region %u", region);
    }
    op_run_close(&run);
}

Test(region_loss, refuses_a_target_of_another_shape)
{
    struct nephos_log *log = NULL;
    cr_assert(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &log) == NEPHOS_OK);
    const struct op_attr attr = {0};
    struct op_infer info = {
        .attr = &attr, .in = {{1, 4, 4, 3}, {1, 4, 4, 1}}, .present = {true, true}, .in_count = 2, .log = log, .label = "dice"};
    cr_expect_eq(op_region_loss.infer(&info), NEPHOS_ERROR_ARGUMENT); // indices need mode 1
    cr_expect_str_eq(nephos_last_error(log), "dice: the target is 1x4x4x1 (NHWC), must be 1x4x4x3");
    nephos_log_destroy(&log);
}
