// SPDX-License-Identifier: MIT
// max_pool2d: largest element of each window. max_pool2d_bwd(x, dy) -> dx. Attributes: kernel, stride (0: the kernel's size), pad
// (at most half the kernel); backward also size.
#include "op/geometry.h"
#include "op/software.h"
#include "shaders.h"

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_fwd(stream, call, &shader_max_pool2d, false);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_fwd(stream, call, &shader_max_pool2d_software, true);
}

static void grad(struct op_grad *g)
{
    const struct op_attr attr = op_spatial_bwd_attr(g);
    if (g->want[0]) g->emit(g, "max_pool2d_bwd", &attr, (const op_id[]){g->in[0], g->dout[0]}, 2, (const int[]){0}, 1, NULL);
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    const enum nephos_status status = op_infer_pool_bwd(info, 1);
    return status == NEPHOS_OK ? op_expect_shape(info, 0, "x", info->out[0]) : status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_bwd(stream, call, &shader_max_pool2d_bwd, false);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_bwd(stream, call, &shader_max_pool2d_bwd_software, true);
}

static double flops(const struct op_call *call)
{
    return (double)op_count(call->out[0].shape) * call->attr->kernel[0] * call->attr->kernel[1];
}

const struct op op_max_pool2d = {
    .name = "max_pool2d",
    .infer = op_infer_pool,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_spatial, record_software),
    .grad = grad,
    .flops = flops,
};
const struct op op_max_pool2d_bwd = {
    .name = "max_pool2d_bwd",
    .flags = OP_ACCUMULATES,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(op_offer_spatial, record_bwd_software),
    .flops = flops,
};
