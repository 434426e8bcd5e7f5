// SPDX-License-Identifier: MIT
// Gradient of a convolution's weights: x {n, h, w, c}, dy {n, ho, wo, o} to dw {o, kernel, c / groups}. Attributes: those of conv2d,
// with the kernel. The sum over pixels is divided into parts, whose slices in the workspace a second pass adds in order.
#include "op/convolution.h"
#include "op/slices.h"

#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    const struct op_shape x = info->in[0], dy = info->in[1];
    const struct op_attr *attr = info->attr;
    TRY(op_expect_inputs(info, 2));
    info->out[0] = (struct op_shape){dy.c, attr->kernel[0], attr->kernel[1], x.c / (attr->groups ? attr->groups : 1)};
    info->out_count = 1;
    TRY(conv_check_pair(info, x, info->out[0], dy));
    TRY(conv_check_output(info));
    const struct conv2d_push p = conv_geometry(attr, x, info->out[0], dy);
    struct conv_product product;
    const uint32_t splits = conv_choose_splits(info->limits, &p, &product);
    info->workspace = splits > 1 ? splits * op_bytes(info->out[0]) : 0;
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const struct op_tensor *x = &call->in[0], *dy = &call->in[1], *dw = &call->out[0];
    struct conv2d_push p = conv_geometry(call->attr, x->shape, dw->shape, dy->shape);
    struct conv_product product;
    p.splits = conv_choose_splits(limits, &p, &product);
    const bool accumulate = call->accumulate & 1;
    const struct gpu_range to = p.splits > 1 ? op_slice(call->workspace, 0, p.splits * op_bytes(dw->shape)) : dw->range;
    const uint64_t x_image = op_bytes(x->shape) / p.n, y_image = op_bytes(dy->shape) / p.n;
    const uint32_t most = conv_images_per_dispatch(limits, &p);
    for (uint32_t first = 0; first < p.n; first += most) { // later parts of the batch add to the first one's result
        struct conv2d_push part = p;
        part.n = p.n - first < most ? p.n - first : most;
        const struct gpu_range ranges[] = {
            op_slice(x->range, first * x_image, part.n * x_image),
            op_slice(dy->range, first * y_image, part.n * y_image),
            to,
        };
        conv_dispatch(stream, call, conv_vectorizes(&p) ? &shader_conv2d_dw_vec4 : &shader_conv2d_dw, &part, &product,
                      first > 0 || (accumulate && p.splits == 1), ranges, ARRAY_COUNT(ranges));
    }
    if (p.splits > 1) op_slice_sum(stream, call, to, p.splits, (uint32_t)op_count(dw->shape), p.splits, dw->range, accumulate);
}

static double flops(const struct op_call *call)
{
    const struct conv2d_push p = conv_geometry(call->attr, call->in[0].shape, call->out[0].shape, call->in[1].shape);
    return conv_geometry_flops(&p);
}

const struct op op_conv2d_dw = {.name = "conv2d_dw", .flags = OP_ACCUMULATES, .infer = infer, .record = record, .flops = flops};
