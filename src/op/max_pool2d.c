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

// For each window the number of its winner, which fits a float; then every element asks the windows round it.
static bool offer_bwd_software(const struct op_infer *info, struct op_needs *needs)
{
    const uint64_t window = (uint64_t)info->attr->kernel[0] * info->attr->kernel[1];
    needs->workspace = op_bytes(info->in[1]);
    return window < 1 << 24 && needs->workspace <= info->limits->max_binding_size && op_offer_spatial(info, needs) &&
           op_columns_software(info->limits, info->in[1]);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape y = call->in[1].shape;
    const struct op_tensor winners = {y, op_slice(call->workspace, 0, op_bytes(y))};
    struct op_call find = *call, sum = *call;
    find.in_count = 1;
    find.out[0] = winners;
    find.accumulate = 0;
    op_record_spatial_fwd(stream, &find, &shader_software_max_pool2d_winner, true);
    sum.in[0] = winners;
    op_record_spatial_bwd(stream, &sum, &shader_software_max_pool2d_bwd, true);
}

static double flops(const struct op_call *call)
{
    return (double)op_count(call->out[0].shape) * call->attr->kernel[0] * call->attr->kernel[1];
}

const struct op op_max_pool2d = {
    .name = "max_pool2d",
    .half_in = 1,
    .half_out = 1,
    .infer = op_infer_pool,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_spatial, record_software),
    .grad = grad,
    .flops = flops,
};
const struct op op_max_pool2d_bwd = {
    .name = "max_pool2d_bwd",
    .flags = OP_ACCUMULATES,
    .half_in = 1 | 1 << 1,
    .half_out = 1,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(offer_bwd_software, record_bwd_software),
    .flops = flops,
};
