// SPDX-License-Identifier: MIT
#include "op/prologue.h"

// The result is one of floats, however x is stored: as exact as what is normalised while it is loaded.
static struct op_shape normalised_shape(struct op_shape x)
{
    x.type = GPU_FP32;
    return x;
}

// In the workspace, in front of the operator's own.
static uint64_t normalised_bytes(const struct gpu_limits *limits, struct op_shape x)
{
    const uint64_t alignment = limits->offset_alignment > 4 ? limits->offset_alignment : 4;
    return (op_bytes(normalised_shape(x)) + alignment - 1) / alignment * alignment;
}

enum nephos_status op_prologue_infer(struct op_infer *info, uint32_t saved)
{
    const uint32_t prologue = info->attr->prologue;
    const bool present = info->in_count > saved && info->present[saved];
    if (prologue > OP_PROLOGUE_NORM_RELU || present != (prologue != OP_PROLOGUE_NONE)) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: prologue %u %s statistics in operand %u", info->label, prologue,
                         present ? "with" : "without", saved);
    }
    if (!present) return NEPHOS_OK;
    info->workspace += normalised_bytes(info->limits, info->in[0]);
    return op_expect_shape(info, saved, "the prologue's statistics", (struct op_shape){1, 1, 4, info->in[0].c});
}

struct op_call op_prologue_record(struct gpu_stream *stream, const struct op_call *call, uint32_t saved, struct op_attr *attr)
{
    struct op_call plain = *call, apply = *call;
    *attr = *call->attr;
    if (attr->prologue == OP_PROLOGUE_NONE) return plain;
    const uint64_t size = normalised_bytes(gpu_get_limits(call->gpu), call->in[0].shape);
    const struct op_shape shape = normalised_shape(call->in[0].shape);
    plain.in[0] = op_tensor_at(shape, op_slice(call->workspace, 0, op_bytes(shape)));
    plain.in[saved] = (struct op_tensor){0};
    plain.workspace = op_slice(call->workspace, size, call->workspace.size - size);
    plain.attr = attr;
    attr->prologue = OP_PROLOGUE_NONE;
    const struct op_attr norm = {.relu = call->attr->prologue == OP_PROLOGUE_NORM_RELU};
    apply.attr = &norm;
    apply.in[1] = call->in[saved];
    apply.in_count = 2;
    apply.out[0] = plain.in[0];
    apply.out_count = 1;
    apply.accumulate = 0;
    op_record(stream, &op_batch_norm_apply, NULL, false, &apply);
    return plain;
}
