// SPDX-License-Identifier: MIT
// presence: which classes an image has. Target (N,H,W,C) of 0..1, or (N,H,W,1) of class indices, to {N, 1, 1, C}: the largest target
// of the class over the pixels. Attributes: channels (C), mode (enum op_classes_mode), ignore_index. No gradient.
#include "presence.h"
#include "op/classes.h"
#include "shaders.h"

static struct op_shape result(const struct op_attr *attr, struct op_shape target)
{
    return (struct op_shape){target.n, 1, 1, attr->channels};
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = op_expect_inputs(info, 1);
    if (status != NEPHOS_OK) return status;
    const struct op_shape target = info->in[0];
    info->out[0] = result(info->attr, target);
    info->out_count = 1;
    if (info->attr->channels && (target.c == info->attr->channels || op_classes_indexed(info->attr, info->out[0], target))) return NEPHOS_OK;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: a target of %u channels has no %u classes", info->label, target.c,
                     info->attr->channels);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape target = call->in[0].shape, y = call->out[0].shape;
    const uint32_t indexed = op_classes_indexed(call->attr, y, target);
    const struct presence_push push = {target.h * target.w, y.c, call->attr->ignore_index};
    const struct gpu_range ranges[] = {call->in[0].range, call->out[0].range};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_presence,
                                                       .spec = &indexed,
                                                       .spec_count = 1,
                                                       .ranges = ranges,
                                                       .range_count = ARRAY_COUNT(ranges),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {y.c, y.n, 1},
                                                       .flops = (double)op_count(target),
                                                       .bytes = 4.0 * (double)op_count(target),
                                                       .label = call->label});
}

const struct op op_presence = {.name = "presence", .infer = infer, .record = record};
