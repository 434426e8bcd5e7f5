// SPDX-License-Identifier: MIT
// Focal loss (Lin et al. 2017) of logits (N,H,W,C), a sigmoid for each class: the cross entropy of elements that are right already counts
// little. Mean over all elements; with one class per pixel the sum over the classes, mean over the labelled pixels (0 without any).
// Outputs the loss and what the mean is over, both scalars.
// Attributes: mode (enum op_classes_mode), ignore_index, alpha (0: none), gamma.
#include "focal_loss.h"
#include "op/classes.h"
#include "op/reduce.h"
#include "shaders.h"
#include "softmax_cross_entropy.h"

enum { MAX_GROUPS = 1024 };

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_classes_expect(info));
    info->out[0] = info->out[1] = op_scalar();
    info->out_count = 2;
    info->workspace = 8ull * op_reduce_groups(op_count(info->in[0]), MAX_GROUPS);
fail:
    return status;
}

static struct focal_loss_push push_of(const struct op_call *call)
{
    const uint32_t count = (uint32_t)op_count(call->in[0].shape);
    return (struct focal_loss_push){
        .count = count,
        .classes = call->in[0].shape.c,
        .ignore_index = call->attr->ignore_index,
        .rows = op_reduce_groups(count, MAX_GROUPS),
        .alpha = call->attr->alpha,
        .gamma = call->attr->gamma,
    };
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct focal_loss_push push = push_of(call);
    const uint32_t spec[] = {call->attr->mode, op_classes_indexed(call->attr, call->in[0].shape, call->in[1].shape)};
    const struct gpu_range sum[] = {call->in[0].range, call->in[1].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_focal_loss_fwd,
                                                       .spec = spec,
                                                       .spec_count = ARRAY_COUNT(spec),
                                                       .ranges = sum,
                                                       .range_count = ARRAY_COUNT(sum),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {push.rows, 1, 1},
                                                       .flops = 40.0 * push.count,
                                                       .bytes = 8.0 * push.count,
                                                       .label = call->label});
    const struct softmax_cross_entropy_push rows = {.rows = push.rows};
    const struct gpu_range mean[] = {call->workspace, call->out[0].range, call->out[1].range};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_mean,
                                                       .ranges = mean,
                                                       .range_count = ARRAY_COUNT(mean),
                                                       .push = &rows,
                                                       .push_size = sizeof rows,
                                                       .groups = {1, 1, 1},
                                                       .flops = push.rows,
                                                       .bytes = 8.0 * push.rows,
                                                       .label = call->label});
}

static void grad(struct op_grad *g)
{
    if (!g->want[0] || g->dout[0] == OP_NONE) return;
    g->emit(g, "focal_loss_bwd", g->attr, (op_id[]){g->in[0], g->in[1], g->out[1], g->dout[0]}, 4, (int[]){0}, 1, NULL);
}

static double flops(const struct op_call *call)
{
    return 40.0 * (double)op_count(call->in[0].shape);
}

const struct op op_focal_loss = {.name = "focal_loss", .infer = infer, .record = record, .grad = grad, .flops = flops};

// --- backward: logits, target, count, dloss -> dlogits ----------------------------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 4));
    TRY(op_classes_expect(info));
    TRY(op_expect_shape(info, 2, "the count", op_scalar()));
    TRY(op_expect_shape(info, 3, "the loss gradient", op_scalar()));
    info->out[0] = info->in[0];
    info->out_count = 1;
    info->workspace = 4; // dloss / count: with both, the large kernel would need five storage buffers
fail:
    return status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct focal_loss_push push = push_of(call);
    const uint32_t accumulate = call->accumulate & 1;
    const struct gpu_range coef[] = {call->in[2].range, call->in[3].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_coef,
                                                       .ranges = coef,
                                                       .range_count = ARRAY_COUNT(coef),
                                                       .groups = {1, 1, 1},
                                                       .label = call->label});
    const uint32_t spec[] = {call->attr->mode, op_classes_indexed(call->attr, call->in[0].shape, call->in[1].shape), accumulate};
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->workspace, call->out[0].range};
    op_dispatch_1d(stream, call, &shader_focal_loss_bwd, spec, ARRAY_COUNT(spec), ranges, ARRAY_COUNT(ranges), &push, sizeof push,
                   push.count, 50.0 * push.count, (12.0 + 4.0 * accumulate) * push.count);
}

const struct op op_focal_loss_bwd = {.name = "focal_loss_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd};
