// SPDX-License-Identifier: MIT
// scale: y = alpha x. Attribute: alpha.
#include "op/pointwise.h"

#include "op/software.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    return op_infer_elementwise(info, 1);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_scale);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_scale_software);
}

static void grad(struct op_grad *g)
{
    if (g->want[0]) g->emit(g, "scale", g->attr, (const op_id[]){g->dout[0]}, 1, (const int[]){0}, 1, NULL);
}

const struct op op_scale = {
    .name = "scale",
    .flags = OP_IN_PLACE | OP_ACCUMULATES,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_software),
    .grad = grad,
};
