// SPDX-License-Identifier: MIT
// avg_pool2d: mean of each window, padding counted as zeros. avg_pool2d_bwd(dy) -> dx. Attributes: kernel, stride (0: the kernel's
// size), pad (at most half the kernel); backward also size.
// global_avg_pool: the same with a window of the whole image; result {n, 1, 1, c}.
#include "op/geometry.h"
#include "shaders.h"

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_fwd(stream, call, &shader_avg_pool2d, false);
}

static void grad(struct op_grad *g)
{
    op_grad_spatial(g, "avg_pool2d_bwd");
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    return op_infer_pool_bwd(info, 0);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_bwd(stream, call, &shader_avg_pool2d_bwd, false);
}

static double flops(const struct op_call *call)
{
    return (double)op_count(call->out[0].shape) * call->attr->kernel[0] * call->attr->kernel[1];
}

static struct op_attr whole(struct op_shape x)
{
    return (struct op_attr){.kernel = {x.h, x.w}, .size = {x.h, x.w}};
}

static enum nephos_status infer_global(struct op_infer *info)
{
    const enum nephos_status status = op_expect_inputs(info, 1);
    return status == NEPHOS_OK ? op_spatial_output(info, 1, 1) : status;
}

static void record_global(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_attr attr = whole(call->in[0].shape);
    struct op_call inner = *call;
    inner.attr = &attr;
    record(stream, &inner);
}

static void grad_global(struct op_grad *g)
{
    const struct op_attr attr = whole(g->in_shape[0]);
    if (g->want[0]) g->emit(g, "avg_pool2d_bwd", &attr, (const op_id[]){g->dout[0]}, 1, (const int[]){0}, 1, NULL);
}

static double flops_global(const struct op_call *call)
{
    return (double)op_count(call->in[0].shape);
}

const struct op op_avg_pool2d = {.name = "avg_pool2d", .infer = op_infer_pool, .record = record, .grad = grad, .flops = flops};
const struct op op_avg_pool2d_bwd = {.name = "avg_pool2d_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd};
const struct op op_global_avg_pool = {
    .name = "global_avg_pool", .infer = infer_global, .record = record_global, .grad = grad_global, .flops = flops_global};
