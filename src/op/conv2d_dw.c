// SPDX-License-Identifier: MIT
// Gradient of a convolution's weights: x {n, h, w, c}, dy {n, ho, wo, o}, [skip], [saved] to dw {o, kernel, c / groups}. x is gathered
// and has a prologue as in conv2d. Attributes: those of conv2d, with the kernel. The sum over pixels is divided into parts, whose slices in the workspace a
// second pass adds in order.
#include "op/convolution.h"
#include "op/convolution_matrix.h"
#include "op/convolution_software.h"
#include "op/convolution_winograd.h"
#include "op/gemm.h"
#include "op/prologue.h"
#include "op/slices.h"

#include "shaders.h"

enum { SAVED = 3 }; // operand

static struct op_shape skip_shape(const struct op_infer *info)
{
    return info->in_count > 2 && info->present[2] ? info->in[2] : (struct op_shape){0};
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    struct op_shape x;
    const struct op_shape dy = info->in[1];
    const struct op_attr *attr = info->attr;
    TRY(conv_expect_operands(info, 4));
    TRY(conv_check_gather(info, 2, &x));
    info->out[0] = (struct op_shape){dy.c, attr->kernel[0], attr->kernel[1], x.c / (attr->groups ? attr->groups : 1)};
    info->out_count = 1;
    TRY(conv_check_pair(info, x, info->out[0], dy));
    TRY(op_check_count(info, info->out[0]));
    const struct conv2d_push p = conv_gather_geometry(attr, info->in[0], skip_shape(info), info->out[0], dy);
    TRY(conv_check_binding(info, &p));
    struct conv_product product;
    const uint32_t splits = conv_choose_splits(info->limits, &p, &product);
    info->workspace = splits > 1 ? splits * op_bytes(info->out[0]) : 0;
    TRY(op_prologue_infer(info, SAVED));
fail:
    return status;
}

static struct conv2d_push geometry(const struct op_call *call)
{
    const bool skip = call->in_count > 2 && call->in[2].range.buffer;
    return conv_gather_geometry(call->attr, call->in[0].shape, skip ? call->in[2].shape : (struct op_shape){0}, call->out[0].shape,
                                call->in[1].shape);
}

static struct gpu_range images(const struct op_tensor *tensor, uint32_t first, uint32_t count)
{
    const uint64_t image = op_bytes(tensor->shape) / tensor->shape.n;
    return op_slice(tensor->range, first * image, count * image);
}

static void record_plain(struct gpu_stream *stream, const struct op_call *call)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const struct op_tensor *x = &call->in[0], *dy = &call->in[1], *dw = &call->out[0];
    struct conv2d_push p = geometry(call);
    struct conv_product product;
    p.splits = conv_choose_splits(limits, &p, &product);
    const bool accumulate = call->accumulate & 1;
    const struct gpu_range to = p.splits > 1 ? op_slice(call->workspace, 0, p.splits * op_bytes(dw->shape)) : dw->range;
    const uint32_t most = conv_images_per_dispatch(limits, &p);
    for (uint32_t first = 0; first < p.n; first += most) { // later parts of the batch add to the first one's result
        struct conv2d_push part = p;
        part.n = p.n - first < most ? p.n - first : most;
        const struct gpu_range ranges[] = {
            images(x, first, part.n),
            images(dy, first, part.n),
            p.skip_c ? images(&call->in[2], first, part.n) : (struct gpu_range){0},
            to,
        };
        const struct conv_options options = {
            .accumulate = first > 0 || (accumulate && p.splits == 1),
            .extra = p.skip_c ? CONV_EXTRA_SKIP : CONV_EXTRA_NONE,
        };
        conv_dispatch(stream, call, conv_vectorizes(&p) ? &shader_conv2d_dw_vec4 : &shader_conv2d_dw, &part, &product, options, ranges,
                      ARRAY_COUNT(ranges));
    }
    if (p.splits > 1) op_slice_sum(stream, call, to, p.splits, (uint32_t)op_count(dw->shape), p.splits, dw->range, accumulate);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    struct op_attr attr;
    const struct op_call plain = op_prologue_record(stream, call, SAVED, &attr);
    record_plain(stream, &plain);
}

static double flops(const struct op_call *call)
{
    const struct conv2d_push p = geometry(call);
    return conv_geometry_flops(&p);
}

static const struct op_variant *const variants[] = {conv_software_dw, conv_winograd_dw, gemm_dw, conv_matrix_dw, NULL};

const struct op op_conv2d_dw = {
    .name = "conv2d_dw",
    .flags = OP_ACCUMULATES | OP_ODD_CHANNELS,
    .half_in = 1 | 1 << 1 | 1 << 2,
    .infer = infer,
    .record = record,
    .variants = variants,
    .flops = flops,
};
