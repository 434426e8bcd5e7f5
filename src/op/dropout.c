// SPDX-License-Identifier: MIT
// Dropout: each element is 0 with probability p, else divided by 1 - p. The mask depends on the step uniform's seed and count and on
// attr.seed_id alone (and on where in the batch the images stand, where a step is made of parts); the backward pass makes it again. Attributes: p, seed_id.
#include "dropout.h"
#include "op/op.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 1));
    if (!(info->attr->p >= 0.0f && info->attr->p < 1.0f)) {
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: p is %g, must be at least 0 and below 1", info->label, (double)info->attr->p);
    }
    info->out[0] = info->in[0];
    info->out_count = 1;
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape shape = call->in[0].shape;
    const uint32_t elements = (uint32_t)op_count(shape);
    const struct dropout_push push = {
        .count = (elements + 3) / 4,
        .elements = elements,
        .image_blocks = (elements / shape.n + 3) / 4,
        .threshold = (uint32_t)((double)call->attr->p * 0x1p24 + 0.5),
        .scale = (float)(1.0 / (1.0 - (double)call->attr->p)),
        .seed_id = call->attr->seed_id,
    };
    const struct gpu_range ranges[] = {call->in[0].range, call->out[0].range, call->step};
    op_dispatch_1d(stream, call, &shader_dropout, (uint32_t[]){call->accumulate & 1}, 1, ranges, ARRAY_COUNT(ranges), &push, sizeof push,
                   push.count, 25.0 * elements, 8.0 * elements);
}

static void grad(struct op_grad *g)
{
    if (!g->want[0] || g->dout[0] == OP_NONE) return;
    g->emit(g, "dropout_bwd", g->attr, (op_id[]){g->dout[0]}, 1, (int[]){0}, 1, NULL);
}

const struct op op_dropout = {.name = "dropout", .flags = OP_IN_PLACE, .infer = infer, .record = record, .grad = grad};
const struct op op_dropout_bwd = {.name = "dropout_bwd", .flags = OP_ACCUMULATES | OP_IN_PLACE, .infer = infer, .record = record};
