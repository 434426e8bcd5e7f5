// SPDX-License-Identifier: MIT
// Transposed convolution: the gradient of a convolution's input, used as a layer. x {n, h, w, c}, w {c, kh, kw, o / groups}, optional
// bias {o} to y {n, ho, wo, o}; in the convolution behind it y is the input and x the output. Attributes: those of conv2d, and
// size: h and w of y where the stride leaves a choice (an output padding); 0: the smallest.
#include "op/convolution.h"
#include "op/convolution_matrix.h"
#include "op/convolution_software.h"
#include "op/gemm.h"

static uint32_t smallest(const struct op_attr *attr, int axis, uint32_t x, uint32_t kernel)
{
    const uint64_t stride = attr->stride[axis] ? attr->stride[axis] : 1, dilation = attr->dilation[axis] ? attr->dilation[axis] : 1;
    const uint64_t full = (x - 1) * stride + dilation * (kernel - 1) + 1, cut = 2ull * attr->pad[axis];
    return full > cut && full - cut <= UINT32_MAX ? (uint32_t)(full - cut) : 0; // 0 is refused by conv_check
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    const struct op_attr *attr = info->attr;
    TRY(conv_expect_operands(info, 3));
    const struct op_shape x = info->in[0], w = info->in[1];
    info->out[0] = (struct op_shape){
        .n = x.n,
        .h = attr->size[0] ? attr->size[0] : smallest(attr, 0, x.h, w.h),
        .w = attr->size[1] ? attr->size[1] : smallest(attr, 1, x.w, w.w),
        .c = w.c * (attr->groups ? attr->groups : 1),
    };
    info->out_count = 1;
    TRY(conv_check_pair(info, info->out[0], w, x));
    TRY(conv_check_output(info));
fail:
    return status;
}

static void grad(struct op_grad *g)
{
    const op_id x = g->in[0], w = g->in[1], dy = g->dout[0];
    if (dy == OP_NONE) return;
    struct op_attr attr = *g->attr;
    attr.kernel[0] = g->in_shape[1].h;
    attr.kernel[1] = g->in_shape[1].w;
    if (g->want[0]) g->emit(g, "conv2d", &attr, (op_id[]){dy, w}, 2, (int[]){0}, 1, NULL);
    if (g->want[1]) g->emit(g, "conv2d_dw", &attr, (op_id[]){dy, x}, 2, (int[]){1}, 1, NULL);
    if (g->in_count > 2 && g->want[2]) g->emit(g, "bias_grad", &attr, (op_id[]){dy}, 1, (int[]){2}, 1, NULL);
}

static const struct op_variant *const variants[] = {conv_software_dx, gemm_dx, conv_matrix_dx, NULL};

const struct op op_conv_transpose2d = {
    .name = "conv_transpose2d",
    .flags = OP_ACCUMULATES | OP_ODD_CHANNELS,
    .half_in = 1,
    .half_out = 1,
    .infer = infer,
    .record = conv_record_dx,
    .variants = variants,
    .grad = grad,
    .flops = conv_flops_dx,
};
