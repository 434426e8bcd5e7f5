// SPDX-License-Identifier: MIT
// fill: a scalar of value alpha, e.g. the gradient of the loss by itself. No operands. Attribute: alpha.
#include "op/op.h"

static enum nephos_status infer(struct op_infer *info)
{
    info->out_count = 1;
    info->out[0] = op_scalar();
    return op_expect_inputs(info, 0);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    gpu_stream_fill(stream, call->out[0].range, gpu_spec_float(call->attr->alpha));
}

const struct op op_fill = {.name = "fill", .infer = infer, .record = record};
