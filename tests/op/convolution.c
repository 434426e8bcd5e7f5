// SPDX-License-Identifier: MIT
// What the convolutions do beside computing: limits, tiles, refusals.
#include "op/convolution.h"

#include "check/check.h"
#include "common/device.h"

#include <criterion/criterion.h>

// A device with other limits than it has, as far as operators can see.
static struct gpu *open_limited(struct gpu_limits **limits)
{
    struct gpu *gpu = test_gpu();
    *limits = (struct gpu_limits *)gpu_get_limits(gpu);
    return gpu;
}

static void run_case(struct gpu *gpu, const struct check_case *c)
{
    struct nephos_check_result result;
    const enum nephos_status status = check_run_case(gpu, check_find(c->op), c, 1, &result, NULL, NULL);
    cr_expect(status == NEPHOS_OK, "%s: %s (deviation %.3g, allowed %.3g)", result.test_case, result.detail, result.error, result.limit);
}

// All passes; the recording of a larger binding would fail.
Test(convolution, splits_a_batch_that_exceeds_a_binding)
{
    struct gpu_limits *limits;
    struct gpu *gpu = open_limited(&limits);
    test_leave_tiles_to_the_other_driver(gpu);
    const struct check_case two_of_five = {.op = "conv2d", .in = {{5, 8, 8, 8}, {12, 3, 3, 8}}, .in_count = 2, .attr = {.pad = {1, 1}}};
    limits->max_binding_size = 2 * 8 * 8 * 12 * 4;
    run_case(gpu, &two_of_five);
    const struct check_case transposed = {
        .op = "conv_transpose2d", .in = {{3, 4, 4, 16}, {16, 2, 2, 8}}, .in_count = 2, .attr = {.stride = {2, 2}}};
    limits->max_binding_size = 8 * 8 * 8 * 4;
    run_case(gpu, &transposed);
    gpu_close(&gpu);
}

Test(convolution, starts_every_part_of_a_batch_at_an_aligned_offset)
{
    const struct gpu_limits limits = {.max_binding_size = 1000, .offset_alignment = 64};
    struct conv2d_push p = {.n = 100, .xh = 1, .xw = 1, .xc = 12, .yh = 1, .yw = 1, .yc = 4};
    cr_expect_eq(conv_images_per_dispatch(&limits, &p), 16); // x: 48 bytes, or 24, aligned every 8 images; 1000 / 48 = 20.8
    p.yc = 1;
    cr_expect_eq(conv_images_per_dispatch(&limits, &p), 16); // y: 4 bytes, aligned every 16
    p.n = 15;
    cr_expect_eq(conv_images_per_dispatch(&limits, &p), 15); // all of it
    p.xc = 251;
    cr_expect_eq(conv_images_per_dispatch(&limits, &p), 0); // 1004 bytes
}

Test(convolution, agrees_with_the_tiles_of_a_gpu)
{
    struct gpu_limits *limits;
    struct gpu *gpu = open_limited(&limits);
    limits->software = false;
    const struct check_case cases[] = {
        {.op = "conv2d", .in = {{2, 9, 11, 8}, {12, 3, 3, 8}, {1, 1, 1, 12}}, .in_count = 3, .attr = {.stride = {2, 2}, .pad = {1, 1}}},
        {.op = "conv2d", .in = {{1, 23, 25, 3}, {10, 5, 5, 3}, {1, 1, 1, 10}}, .in_count = 3, .attr = {.pad = {2, 2}}, .partials = 32},
        {.op = "conv2d", .in = {{1, 10, 14, 4}, {36, 1, 1, 4}}, .in_count = 2},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) run_case(gpu, &cases[i]);
    // So many pixels that the baseline takes its widest tiles; variants would run for a minute and find out nothing new.
    limits->variants = false;
    const struct check_case wide = {.op = "conv2d", .in = {{1, 250, 256, 4}, {36, 1, 1, 4}}, .in_count = 2, .partials = 8};
    run_case(gpu, &wide);
    gpu_close(&gpu);
}

Test(convolution, keeps_tiles_within_guaranteed_limits_and_small_for_small_problems)
{
    for (int software = 0; software < 2; software++) {
        const struct gpu_limits limits = {.subgroup_size = software ? 8 : 32, .software = software, .max_binding_size = 1 << 27};
        for (uint64_t rows = 1; rows < 1 << 24; rows *= 3) {
            for (uint64_t columns = 1; columns < 1 << 12; columns *= 3) {
                const struct conv_tile tile = conv_choose_tile(&limits, &(struct conv_product){rows, columns, 576, 1});
                cr_expect(tile.local <= 128 && tile.m >= 4 && tile.n >= 4 && tile.m % 4 == 0 && tile.n % 4 == 0 && tile.m * tile.n <= 256);
                cr_expect(tile.m < 8 || rows > tile.m / 2, "%u for %u rows", tile.m, (unsigned)rows);
                cr_expect(tile.n < 8 || columns > tile.n / 2, "%u for %u columns", tile.n, (unsigned)columns);
            }
        }
    }
}

Test(convolution, refuses_what_does_not_fit)
{
    static const struct {
        const char *op;
        struct op_attr attr;
        struct op_shape in[5];
    } cases[] = {
        {"conv2d", {.groups = 1}, {{1, 8, 8, 4}, {8, 3, 3, 5}}},                                // channels
        {"conv2d", {.groups = 3}, {{1, 8, 8, 9}, {8, 3, 3, 3}}},                                // 8 channels in 3 groups
        {"conv2d", {.kernel = {5, 3}}, {{1, 8, 8, 4}, {8, 3, 3, 4}}},                           // not the weights' kernel
        {"conv2d", {.pad = {1, 0}}, {{1, 8, 2, 4}, {8, 3, 3, 4}}},                              // kernel wider than the padded input
        {"conv2d", {.dilation = {4, 1}}, {{1, 8, 8, 4}, {8, 3, 3, 4}}},                         // dilated kernel higher than the input
        {"conv2d", {.pad = {1u << 31, 0}}, {{1, 8, 8, 4}, {8, 3, 3, 4}}},                       // twice the padding wraps
        {"conv2d", {.groups = 1}, {{1, 8, 8, 4}, {8, 3, 3, 4}, {1, 1, 1, 7}}},                  // bias
        {"conv2d", {.groups = 1}, {{1, 8192, 8192, 4}, {8, 1, 1, 4}}},                          // an image above the binding limit
        {"conv2d_dx", {.size = {9, 8}, .pad = {1, 1}}, {{1, 8, 8, 8}, {8, 3, 3, 4}}},           // dx of another convolution
        {"conv2d_dx", {.pad = {1, 1}}, {{1, 8, 8, 8}, {8, 3, 3, 4}}},                           // no size
        {"conv2d_dw", {.kernel = {3, 3}}, {{1, 8, 8, 4}, {1, 8, 8, 8}}},                        // not that kernel
        {"conv2d_dw", {.groups = 1}, {{1, 8, 8, 4}, {1, 8, 8, 8}}},                             // no kernel
        {"conv_transpose2d", {.stride = {2, 2}, .size = {18, 16}}, {{1, 8, 8, 4}, {4, 2, 2, 8}}}, // output padding of a stride
        {"conv_transpose2d", {.pad = {4, 4}}, {{1, 2, 2, 4}, {4, 3, 3, 8}}},                    // nothing left of the output
        {"linear", {.groups = 1}, {{2, 1, 1, 4}, {3, 1, 1, 5}}},                                // features
        {"linear", {.groups = 1}, {{2, 2, 1, 4}, {3, 1, 1, 4}}},                                // an image
        {"conv2d", {.pad = {1, 1}}, {{1, 8, 8, 4}, {8, 3, 3, 4}, {0}, {1, 8, 8, 4}}},           // residual of another width
        {"conv2d", {.pad = {1, 1}, .stride = {2, 2}}, {{1, 8, 8, 4}, {8, 3, 3, 4}, {0}, {1, 8, 8, 8}}}, // residual of x's size
        {"conv2d", {.upsample = 3}, {{1, 8, 8, 4}, {8, 1, 1, 4}}},                              // factor
        {"conv2d", {.upsample = 2, .groups = 2}, {{1, 8, 8, 4}, {8, 1, 1, 2}}},                 // groups of a gathered input
        {"conv2d", {.upsample = 2}, {{1, 8, 8, 4}, {8, 1, 1, 6}, {0}, {0}, {1, 8, 8, 2}}},      // skip of x's size
        {"conv2d", {.upsample = 2}, {{1, 8, 8, 4}, {8, 1, 1, 5}, {0}, {0}, {1, 16, 16, 2}}},    // weights for one channel less
        {"conv2d_dw", {.kernel = {1, 1}, .upsample = 2}, {{1, 8, 8, 4}, {1, 16, 16, 8}, {2, 16, 16, 2}}}, // batch of the skip
        {"gather_bwd", {.channels = 4, .upsample = 2}, {{1, 7, 8, 4}}},                         // odd height
        {"gather_bwd", {.channels = 5}, {{1, 8, 8, 4}}},                                        // more channels than there are
        {"gather_bwd", {.upsample = 2}, {{1, 8, 8, 4}}},                                        // none
    };
    const struct gpu_limits limits = {.max_binding_size = 1 << 27, .offset_alignment = 16};
    for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
        struct op_infer info = {.attr = &cases[i].attr, .limits = &limits, .label = cases[i].op};
        for (uint32_t k = 0; k < 5; k++) {
            info.in[k] = cases[i].in[k];
            info.present[k] = info.in[k].n != 0;
            if (info.present[k]) info.in_count = k + 1;
        }
        cr_expect_eq(op_find(cases[i].op)->infer(&info), NEPHOS_ERROR_ARGUMENT, "case %u, %s", i, cases[i].op);
    }
}
