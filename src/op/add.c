// SPDX-License-Identifier: MIT
// add: y = a + b, of one shape. Both gradients are dy itself.
#include "op/pointwise.h"

#include "op/software.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    return op_infer_elementwise(info, 2);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise(stream, call, &shader_add);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_elementwise_software(stream, call, &shader_add_software);
}

static void grad(struct op_grad *g)
{
    for (int i = 0; i < 2; i++) {
        if (g->want[i]) g->alias(g, i, g->dout[0]);
    }
}

const struct op op_add = {
    .name = "add",
    .flags = OP_IN_PLACE | OP_ACCUMULATES | OP_CHEAP,
    .half_in = 1 | 1 << 1,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_elementwise, record_software),
    .grad = grad,
};
