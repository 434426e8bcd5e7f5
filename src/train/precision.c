// SPDX-License-Identifier: MIT
#include "train/precision.h"

#include "op/convolution_matrix.h"

#include <string.h>

static const char *const names[] = {[TRAIN_FP32] = "fp32", [TRAIN_FP16] = "fp16", [TRAIN_BF16] = "bf16", [TRAIN_AUTO] = "auto"};

enum nephos_status precision_parse(struct nephos_log *log, const char *name, const char *text, enum train_precision *precision)
{
    uint32_t i = TRAIN_FP32;
    while (text && i < ARRAY_COUNT(names) && strcmp(text, names[i]) != 0) i++;
    if (i == ARRAY_COUNT(names))
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%s is '%s': expected fp32|fp16|bf16|auto", name, text);
    *precision = (enum train_precision)i;
    return NEPHOS_OK;
}

static enum gpu_type type_of(enum train_precision precision)
{
    static const enum gpu_type types[] = {[TRAIN_FP32] = GPU_FP32, [TRAIN_FP16] = GPU_FP16, [TRAIN_BF16] = GPU_BF16};
    return types[precision];
}

static enum nephos_status expect_kernels(const struct gpu *gpu, enum train_precision wanted)
{
    const enum gpu_type factor = type_of(wanted), other = factor == GPU_FP16 ? GPU_BF16 : GPU_FP16;
    const char *others = factor == GPU_FP16 ? "bf16, fp32" : "fp16, fp32";
    if (!conv_matrix_built(factor))
        return base_fail(gpu_log(gpu), NEPHOS_ERROR_ARGUMENT,
                         "--precision %s: this build has no kernels for it, as its shader compiler lacks %s; use fp32 or auto, or build "
                         "with a newer glslang and newer Vulkan headers",
                         names[wanted], factor == GPU_BF16 ? "GL_EXT_bfloat16" : "GL_KHR_cooperative_matrix");
    if (!conv_matrix_usable(gpu_get_limits(gpu), factor))
        return base_fail(gpu_log(gpu), NEPHOS_ERROR_ARGUMENT,
                         "--precision %s: %s has no matrix units for it that this build can use (with --kernels %s); use %s or auto",
                         names[wanted], gpu_info(gpu)->name, gpu_kernels(gpu), conv_matrix_usable(gpu_get_limits(gpu), other) ? others : "fp32");
    return NEPHOS_OK;
}

// Matrix units that multiply both are equally fast. Halves are then eight times as exact, and what they lack in range the scale of the
// loss makes up for; so bf16 is only for devices that have nothing else. On a CPU the detour through 16 bits is slower than floats.
static enum train_precision choose_auto(const struct gpu_limits *limits)
{
    if (limits->software) return TRAIN_FP32;
    if (conv_matrix_usable(limits, GPU_FP16)) return TRAIN_FP16;
    return conv_matrix_usable(limits, GPU_BF16) ? TRAIN_BF16 : TRAIN_FP32;
}

enum nephos_status precision_choose(struct gpu *gpu, enum train_precision wanted, enum train_precision *chosen)
{
    enum nephos_status status = NEPHOS_OK;
    const char *kernels = gpu_kernels(gpu);
    if (wanted == TRAIN_FP32 && strncmp(kernels, "matrix", strlen("matrix")) == 0)
        FAIL(gpu_log(gpu), NEPHOS_ERROR_ARGUMENT, "--kernels %s rounds operands to 16 bits: that needs --precision fp16 or bf16", kernels);
    if (wanted == TRAIN_FP16 || wanted == TRAIN_BF16) TRY(expect_kernels(gpu, wanted));
    *chosen = wanted == TRAIN_AUTO ? choose_auto(gpu_get_limits(gpu)) : wanted;
    if (wanted == TRAIN_AUTO) base_info(gpu_log(gpu), "precision: %s", names[*chosen]);
fail:
    return status;
}

enum gpu_type precision_storage(const struct gpu *gpu, enum train_precision wanted, enum train_precision precision)
{
    if (wanted != TRAIN_AUTO) return type_of(wanted);
    return gpu_get_limits(gpu)->software ? GPU_FP32 : type_of(precision);
}
