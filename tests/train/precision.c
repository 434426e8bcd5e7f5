// SPDX-License-Identifier: MIT
// What a wished precision comes to on devices with other matrix units, and what is said where it can't be had.
#include "train/precision.h"

#include "common/device.h"
#include "op/convolution_matrix.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { NONE, FP16 = 1 << GPU_FP16, BF16 = 1 << GPU_BF16 };

// This device, as if it had units for these factors (bits).
static struct gpu *device_with(unsigned factors, bool software, const char *kernels)
{
    const struct gpu_matrix_list list = {.shapes = {{16, 16, 16}}, .count = 1};
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = kernels});
    struct gpu_limits *limits = (struct gpu_limits *)gpu_get_limits(gpu);
    limits->variants = true;
    limits->software = software;
    limits->matrices = (struct gpu_matrices){.subgroup = 32};
    for (int factor = 0; factor < GPU_TYPES; factor++)
        if (factors >> factor & 1) limits->matrices.of[factor] = list;
    return gpu;
}

static void expect_choice(unsigned factors, bool software, enum train_precision wanted, enum train_precision expected)
{
    enum train_precision chosen = TRAIN_AUTO;
    struct gpu *gpu = device_with(factors, software, NULL);
    cr_expect_eq(precision_choose(gpu, wanted, &chosen), NEPHOS_OK);
    cr_expect_eq(chosen, expected, "%d became %d on a device with %x, not %d", wanted, chosen, factors, expected);
    gpu_close(&gpu);
}

static void expect_refusal(unsigned factors, const char *kernels, enum train_precision wanted, const char *part)
{
    enum train_precision chosen = TRAIN_AUTO;
    struct gpu *gpu = device_with(factors, false, kernels);
    cr_expect_eq(precision_choose(gpu, wanted, &chosen), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(chosen, TRAIN_AUTO);
    const char *error = nephos_last_error(test_log());
    cr_expect(strstr(error, part), "no '%s' in: %s", part, error);
    gpu_close(&gpu);
}

Test(precision, automatic_is_fp16_then_bf16_then_fp32)
{
    const bool bf16 = conv_matrix_built(GPU_BF16), fp16 = conv_matrix_built(GPU_FP16);
    expect_choice(NONE, false, TRAIN_AUTO, TRAIN_FP32);
    expect_choice(FP16, false, TRAIN_AUTO, fp16 ? TRAIN_FP16 : TRAIN_FP32);
    expect_choice(BF16, false, TRAIN_AUTO, bf16 ? TRAIN_BF16 : TRAIN_FP32);
    expect_choice(FP16 | BF16, false, TRAIN_AUTO, fp16 ? TRAIN_FP16 : TRAIN_FP32);
    expect_choice(FP16 | BF16, true, TRAIN_AUTO, TRAIN_FP32);
}

Test(precision, storage_follows_the_precision_on_gpus_alone)
{
    const enum train_precision precisions[] = {TRAIN_FP32, TRAIN_FP16, TRAIN_BF16};
    const enum gpu_type types[] = {GPU_FP32, GPU_FP16, GPU_BF16};
    for (int i = 0; i < 3; i++) {
        for (int software = 0; software < 2; software++) {
            struct gpu *gpu = device_with(FP16 | BF16, software, NULL);
            cr_expect_eq(precision_storage(gpu, TRAIN_AUTO, precisions[i]), software ? GPU_FP32 : types[i]);
            for (int k = 0; k < 3; k++) cr_expect_eq(precision_storage(gpu, precisions[k], precisions[i]), types[k], "as asked for");
            gpu_close(&gpu);
        }
    }
}

Test(precision, what_the_device_has_is_taken_as_wished)
{
    expect_choice(NONE, false, TRAIN_FP32, TRAIN_FP32);
    expect_choice(FP16 | BF16, false, TRAIN_FP32, TRAIN_FP32);
    if (conv_matrix_built(GPU_FP16)) expect_choice(FP16, true, TRAIN_FP16, TRAIN_FP16);
    if (conv_matrix_built(GPU_BF16)) expect_choice(BF16, true, TRAIN_BF16, TRAIN_BF16);
}

Test(precision, refusals_name_what_is_missing_and_what_helps)
{
    struct gpu *gpu = test_gpu();
    char device[256];
    snprintf(device, sizeof device, "%s", gpu_info(gpu)->name);
    gpu_close(&gpu);
    expect_refusal(BF16, NULL, TRAIN_FP16, conv_matrix_built(GPU_FP16) ? device : "GL_KHR_cooperative_matrix");
    expect_refusal(FP16, NULL, TRAIN_BF16, conv_matrix_built(GPU_BF16) ? device : "GL_EXT_bfloat16");
    expect_refusal(NONE, NULL, TRAIN_BF16, "fp32 or auto");
    expect_refusal(FP16 | BF16, "matrix", TRAIN_FP32, "--precision fp16 or bf16");
}
