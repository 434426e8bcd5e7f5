// SPDX-License-Identifier: MIT
// sigmoid: y = 1 / (1 + exp(-x)). Backward from y: sigmoid_bwd(dy, y) -> dx.
#include "op/pointwise.h"

#include "op/software.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    return op_infer_elementwise(info, 1);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_sigmoid);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_sigmoid_software);
}

static void grad(struct op_grad *g)
{
    op_grad_activation(g, "sigmoid_bwd");
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    return op_infer_elementwise(info, 2);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_sigmoid_bwd);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_sigmoid_bwd_software);
}

const struct op op_sigmoid = {
    .name = "sigmoid",
    .flags = OP_IN_PLACE,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_software),
    .grad = grad,
};
const struct op op_sigmoid_bwd = {
    .name = "sigmoid_bwd",
    .flags = OP_IN_PLACE | OP_ACCUMULATES,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_bwd_software),
};
