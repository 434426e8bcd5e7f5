// SPDX-License-Identifier: MIT
// relu: y = max(x, 0). Backward from y: relu_bwd(dy, y) -> dx; the derivative at 0 is 0.
#include "op/pointwise.h"

#include "op/software.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    return op_infer_elementwise(info, 1);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_relu);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_relu_software);
}

static void grad(struct op_grad *g)
{
    op_grad_activation(g, "relu_bwd");
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    return op_infer_elementwise(info, 2);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_relu_bwd);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_relu_bwd_software);
}

const struct op op_relu = {
    .name = "relu",
    .flags = OP_IN_PLACE | OP_CHEAP,
    .half_in = 1,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_software),
    .grad = grad,
};
const struct op op_relu_bwd = {
    .name = "relu_bwd",
    .flags = OP_IN_PLACE | OP_ACCUMULATES,
    .half_in = 1 | 1 << 1,
    .half_out = 1,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_bwd_software),
};
