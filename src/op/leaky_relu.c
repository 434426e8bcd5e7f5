// SPDX-License-Identifier: MIT
// leaky_relu: y = x above 0, else alpha x. Backward from y: leaky_relu_bwd(dy, y) -> dx. Attribute: alpha, 0 or above.
#include "op/pointwise.h"

#include "op/software.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    const float alpha = info->attr->alpha;
    if (!(alpha >= 0)) { // the sign of y must tell the sign of x
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: slope %g is negative; use 0 or above", info->label, (double)alpha);
    }
    return op_infer_elementwise(info, 1);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_leaky_relu);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_leaky_relu_software);
}

static void grad(struct op_grad *g)
{
    op_grad_activation(g, "leaky_relu_bwd");
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    return op_infer_elementwise(info, 2);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_leaky_relu_bwd);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_leaky_relu_bwd_software);
}

const struct op op_leaky_relu = {
    .name = "leaky_relu",
    .flags = OP_IN_PLACE | OP_CHEAP,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_software),
    .grad = grad,
};
const struct op op_leaky_relu_bwd = {
    .name = "leaky_relu_bwd",
    .flags = OP_IN_PLACE | OP_ACCUMULATES,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_bwd_software),
};
