// SPDX-License-Identifier: MIT
// Cross entropy of a softmax over the channels of logits (N,H,W,C) with one class index per pixel (N,H,W,1, stored as a float),
// mean over the labelled pixels (0 without any). Outputs the loss and the number of labelled pixels, or where classes have weights the
// sum of these, both scalars. Attributes: ignore_index; label_smoothing; class_weights, how many class_weight[] there are.
#include "op/class_weights.h"
#include "op/reduce.h"
#include "shaders.h"
#include "softmax_cross_entropy.h"

#include <string.h>

enum { MAX_GROUPS = 1024 };

static struct op_shape per_pixel(struct op_shape shape)
{
    return (struct op_shape){shape.n, shape.h, shape.w, 1};
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_expect_shape(info, 1, "the target", per_pixel(info->in[0])));
    TRY(op_class_weights_expect(info));
    info->out[0] = info->out[1] = op_scalar();
    info->out_count = 2;
    info->workspace = 8ull * op_reduce_groups(op_count(info->in[1]), MAX_GROUPS);
fail:
    return status;
}

static struct softmax_cross_entropy_push push_of(const struct op_call *call)
{
    const uint32_t pixels = (uint32_t)op_count(call->in[1].shape);
    struct softmax_cross_entropy_push push = {
        .pixels = pixels,
        .classes = call->in[0].shape.c,
        .ignore_index = call->attr->ignore_index,
        .rows = op_reduce_groups(pixels, MAX_GROUPS),
        .smoothing = call->attr->label_smoothing,
        .class_weights = call->attr->class_weights,
    };
    memcpy(push.class_weight, call->attr->class_weight, sizeof push.class_weight);
    return push;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct softmax_cross_entropy_push push = push_of(call);
    const double elements = (double)op_count(call->in[0].shape);
    const uint32_t weighted = op_class_weighted(call->attr);
    const struct gpu_range sum[] = {call->in[0].range, call->in[1].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_fwd,
                                                       .spec = &weighted,
                                                       .spec_count = 1,
                                                       .ranges = sum,
                                                       .range_count = ARRAY_COUNT(sum),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {push.rows, 1, 1},
                                                       .flops = 10.0 * elements,
                                                       .bytes = 4.0 * (elements + push.pixels),
                                                       .label = call->label});
    const struct gpu_range mean[] = {call->workspace, call->out[0].range, call->out[1].range};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_mean,
                                                       .ranges = mean,
                                                       .range_count = ARRAY_COUNT(mean),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {1, 1, 1},
                                                       .flops = push.rows,
                                                       .bytes = 8.0 * push.rows,
                                                       .label = call->label});
}

static void grad(struct op_grad *g)
{
    if (!g->want[0] || g->dout[0] == OP_NONE) return;
    g->emit(g, "softmax_cross_entropy_bwd", g->attr, (op_id[]){g->in[0], g->in[1], g->out[1], g->dout[0]}, 4, (int[]){0}, 1, NULL);
}

static double flops(const struct op_call *call)
{
    return 10.0 * (double)op_count(call->in[0].shape);
}

const struct op op_softmax_cross_entropy = {
    .name = "softmax_cross_entropy", .infer = infer, .record = record, .grad = grad, .flops = flops};

// --- backward: logits, target, count, dloss -> dlogits ----------------------------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 4));
    TRY(op_expect_shape(info, 1, "the target", per_pixel(info->in[0])));
    TRY(op_expect_shape(info, 2, "the pixel count", op_scalar()));
    TRY(op_expect_shape(info, 3, "the loss gradient", op_scalar()));
    info->out[0] = info->in[0];
    info->out_count = 1;
    info->workspace = 4; // dloss / count: with both, the large kernel would need five storage buffers
fail:
    return status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct softmax_cross_entropy_push push = push_of(call);
    const double elements = (double)op_count(call->in[0].shape);
    const struct gpu_range coef[] = {call->in[2].range, call->in[3].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_coef,
                                                       .ranges = coef,
                                                       .range_count = ARRAY_COUNT(coef),
                                                       .groups = {1, 1, 1},
                                                       .label = call->label});
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->workspace, call->out[0].range};
    op_dispatch_1d(stream, call, &shader_softmax_cross_entropy_bwd, (uint32_t[]){call->accumulate & 1, op_class_weighted(call->attr)}, 2,
                   ranges, ARRAY_COUNT(ranges), &push, sizeof push, push.pixels, 20.0 * elements,
                   (8.0 + 4.0 * (call->accumulate & 1)) * elements);
}

const struct op op_softmax_cross_entropy_bwd = {
    .name = "softmax_cross_entropy_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd};
