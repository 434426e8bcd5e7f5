// SPDX-License-Identifier: MIT
// Convolution (cross-correlation, as everywhere in this field): x {n, h, w, c}, w {o, kh, kw, c / groups}, optional bias {o} to
// y {n, ho, wo, o}. Attributes: kernel, stride, pad, dilation, groups.
#include "op/convolution.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(conv_expect_operands(info));
    TRY(conv_check(info, info->in[0], info->in[1], &info->out[0]));
    info->out_count = 1;
    TRY(conv_check_output(info));
fail:
    return status;
}

void conv_grad(struct op_grad *g)
{
    const op_id x = g->in[0], w = g->in[1], dy = g->dout[0];
    if (dy == OP_NONE) return;
    struct op_attr attr = *g->attr;
    attr.size[0] = g->in_shape[0].h;
    attr.size[1] = g->in_shape[0].w;
    attr.kernel[0] = g->in_shape[1].h;
    attr.kernel[1] = g->in_shape[1].w;
    if (g->want[0]) g->emit(g, "conv2d_dx", &attr, (op_id[]){dy, w}, 2, (int[]){0}, 1, NULL);
    if (g->want[1]) g->emit(g, "conv2d_dw", &attr, (op_id[]){x, dy}, 2, (int[]){1}, 1, NULL);
    if (g->in_count > 2 && g->want[2]) g->emit(g, "bias_grad", &attr, (op_id[]){dy}, 1, (int[]){2}, 1, NULL);
}

const struct op op_conv2d = {
    .name = "conv2d",
    .flags = OP_ACCUMULATES,
    .infer = infer,
    .record = conv_record_forward,
    .grad = conv_grad,
    .flops = conv_flops_forward,
};
