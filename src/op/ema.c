// SPDX-License-Identifier: MIT
// ema(average, values): the exponential moving average of the parameters, behind each step of the optimizer. The average is updated, there
// are no outputs. Attribute: alpha, the decay, which counts from the step on where (1 + t) / (10 + t) reaches it; t: the step uniform's
// count. TensorFlow's ExponentialMovingAverage with num_updates.
#include "op/op.h"

#include "ema.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_expect_shape(info, 1, "the values", info->in[0]));
    if (!(info->attr->alpha > 0 && info->attr->alpha < 1))
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: the decay is %g, must be above 0 and below 1", info->label, (double)info->attr->alpha);
    info->out_count = 0;
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const uint64_t count = op_count(call->in[0].shape);
    const struct ema_push push = {.count = (uint32_t)count, .share = (float)(1.0 - (double)call->attr->alpha)};
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->step};
    op_dispatch_1d(stream, call, &shader_ema, NULL, 0, ranges, ARRAY_COUNT(ranges), &push, sizeof push, count, 3.0 * (double)count,
                   12.0 * (double)count);
}

const struct op op_ema = {.name = "ema", .flags = OP_SIDE_EFFECT, .infer = infer, .record = record};
