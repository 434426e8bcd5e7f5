// SPDX-License-Identifier: MIT
// softmax: over the channels of each pixel. Backward from y: softmax_bwd(dy, y) -> dx.
#include "softmax.h"

#include "op/pointwise.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    return op_infer_elementwise(info, 1);
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    return op_infer_elementwise(info, 2);
}

static void dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, const uint32_t *spec,
                     uint32_t spec_count)
{
    const struct op_shape shape = call->out[0].shape;
    const struct softmax_push push = {(uint32_t)(op_count(shape) / shape.c), shape.c};
    struct gpu_range ranges[3];
    for (uint32_t i = 0; i < call->in_count; i++) ranges[i] = call->in[i].range;
    ranges[call->in_count] = call->out[0].range;
    op_dispatch_1d(stream, call, shader, spec, spec_count, ranges, call->in_count + 1, &push, sizeof push, push.count,
                   8.0 * (double)op_count(shape), (call->in_count + 2.0) * (double)op_bytes(shape));
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    dispatch(stream, call, &shader_softmax, NULL, 0);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const uint32_t accumulate = call->accumulate & 1;
    dispatch(stream, call, &shader_softmax_bwd, &accumulate, 1);
}

static void grad(struct op_grad *g)
{
    op_grad_activation(g, "softmax_bwd");
}

const struct op op_softmax = {.name = "softmax", .infer = infer, .record = record, .grad = grad};
const struct op op_softmax_bwd = {.name = "softmax_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd};
