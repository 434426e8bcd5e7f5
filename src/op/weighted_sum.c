// SPDX-License-Identifier: MIT
// weighted_sum: y = sum of weights[i] * x[i] over one to three scalars, which are losses. Attribute: weights.
#include "weighted_sum.h"

#include "op/op.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    if (info->in_count < 1 || info->in_count > 3)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: adds up 1 to 3 scalars, got %u", info->label, info->in_count);
    TRY(op_expect_inputs(info, info->in_count));
    for (uint32_t i = 0; i < info->in_count; i++) TRY(op_expect_shape(info, i, "an operand", op_scalar()));
    info->out_count = 1;
    info->out[0] = op_scalar();
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const float *w = call->attr->weights;
    const struct weighted_sum_push push = {call->in_count, w[0], w[1], w[2]};
    const uint32_t last = call->in_count - 1;
    const struct gpu_range ranges[] = {call->in[0].range, call->in[last < 1 ? last : 1].range, call->in[last].range, call->out[0].range};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_weighted_sum,
                                                       .ranges = ranges,
                                                       .range_count = ARRAY_COUNT(ranges),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {1, 1, 1},
                                                       .flops = 5,
                                                       .bytes = 16,
                                                       .label = call->label});
}

static void grad(struct op_grad *g)
{
    for (uint32_t i = 0; i < g->in_count; i++) {
        const struct op_attr attr = {.alpha = g->attr->weights[i]};
        if (g->want[i]) g->emit(g, "scale", &attr, (const op_id[]){g->dout[0]}, 1, (const int[]){(int)i}, 1, NULL);
    }
}

const struct op op_weighted_sum = {.name = "weighted_sum", .infer = infer, .record = record, .grad = grad};
