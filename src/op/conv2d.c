// SPDX-License-Identifier: MIT
// Convolution (cross-correlation, as everywhere in this field) with what surrounds it in a network:
//
//   conv2d(x, w, [bias], [residual], [skip], [saved]) -> y, [moments]
//   y = act(conv(gathered x, w) + bias + residual)
//
// x {n, h, w, c}, w {o, kh, kw, c / groups}, bias {o}, residual and y {n, ho, wo, o}. The gathered x is x enlarged by attr.upsample
// (nearest), then the channels of skip {n, h * upsample, w * upsample, cs}; it is never stored. act is max(., 0) if attr.relu. With
// attr.stats, moments {1, 1, 2, o} are mean and biased variance of y over n, h, w. With attr.prologue, what stands for x is its batch
// norm by saved {1, 1, 4, c}, and ReLU of that (op/prologue.h): x and saved then get no gradient. Attributes: kernel, stride, pad,
// dilation, groups (1 where x is gathered), relu, stats, upsample, prologue. Accumulating, it is a plain convolution with or without bias.
#include "op/convolution.h"
#include "op/convolution_matrix.h"
#include "op/convolution_software.h"
#include "op/convolution_winograd.h"
#include "op/gemm.h"
#include "op/moments.h"
#include "op/prologue.h"

enum { SAVED = 5 }; // operand

static struct op_shape optional(const struct op_infer *info, uint32_t input)
{
    return info->in_count > input && info->present[input] ? info->in[input] : (struct op_shape){0};
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    struct op_shape x;
    TRY(conv_expect_operands(info, 6));
    TRY(conv_check_gather(info, 4, &x));
    TRY(conv_check(info, x, info->in[1], &info->out[0]));
    const struct conv2d_push p = conv_gather_geometry(info->attr, info->in[0], optional(info, 4), info->in[1], info->out[0]);
    TRY(conv_check_binding(info, &p));
    info->out_count = 1;
    TRY(conv_check_output(info));
    if (optional(info, 3).n) TRY(op_expect_shape(info, 3, "the residual", info->out[0]));
    if (info->attr->stats) {
        info->out[info->out_count++] = (struct op_shape){1, 1, 2, info->out[0].c};
        info->workspace = op_moments_workspace(info->out[0]);
    }
    TRY(op_prologue_infer(info, SAVED));
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    struct op_attr attr;
    const struct op_call plain = op_prologue_record(stream, call, SAVED, &attr);
    conv_record_forward(stream, &plain);
    if (attr.stats) op_record_moments(stream, &plain, &plain.out[0], plain.workspace, plain.out[1].range);
}

// The gradient of the gathered input, and its parts.
static void grad_input(struct op_grad *g, const struct op_attr *attr, op_id dy, op_id w)
{
    const bool has_skip = g->in_count > 4 && g->in[4] != OP_NONE, gathers = has_skip || attr->upsample > 1;
    const struct op_attr parts = {.channels = g->in_shape[0].c, .upsample = attr->upsample};
    struct op_attr plain = *attr;
    op_id whole;
    plain.upsample = 0;
    if (!g->want[0] && !(has_skip && g->want[4])) return;
    g->emit(g, "conv2d_dx", &plain, (op_id[]){dy, w}, 2, (int[]){gathers ? -1 : 0}, 1, &whole);
    if (!gathers) return;
    const int target[] = {g->want[0] ? 0 : -1, has_skip && g->want[4] ? 4 : -1};
    g->emit(g, "gather_bwd", &parts, &whole, 1, target, has_skip ? 2 : 1, NULL);
}

void conv_grad(struct op_grad *g)
{
    const op_id x = g->in[0], w = g->in[1], skip = g->in_count > 4 ? g->in[4] : OP_NONE;
    op_id dy = g->dout[0];
    if (dy == OP_NONE) return;
    const struct op_shape gathered = conv_gathered(g->attr, g->in_shape[0], g->in_shape[4]);
    struct op_attr attr = *g->attr;
    attr.relu = attr.stats = attr.prologue = 0;
    attr.size[0] = gathered.h;
    attr.size[1] = gathered.w;
    attr.kernel[0] = g->in_shape[1].h;
    attr.kernel[1] = g->in_shape[1].w;
    if (g->attr->relu) g->emit(g, "relu_bwd", &attr, (op_id[]){dy, g->out[0]}, 2, (int[]){-1}, 1, &dy);
    if (g->in_count > 3 && g->want[3]) g->alias(g, 3, dy);
    grad_input(g, &attr, dy, w);
    if (g->in_count > 2 && g->want[2]) g->emit(g, "bias_grad", &attr, (op_id[]){dy}, 1, (int[]){2}, 1, NULL);
    attr.prologue = g->attr->prologue;
    const op_id read[] = {x, dy, skip, attr.prologue ? g->in[SAVED] : OP_NONE};
    if (g->want[1]) g->emit(g, "conv2d_dw", &attr, read, attr.prologue ? 4 : skip == OP_NONE ? 2 : 3, (int[]){1}, 1, NULL);
}

static const struct op_variant *const variants[] = {conv_software_forward, conv_winograd_forward, gemm_forward, conv_matrix_forward, NULL};

const struct op op_conv2d = {
    .name = "conv2d",
    .flags = OP_ACCUMULATES | OP_ODD_CHANNELS,
    .half_in = 1 | 1 << 3 | 1 << 4,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = variants,
    .grad = conv_grad,
    .flops = conv_flops_forward,
};
