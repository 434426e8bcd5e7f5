// SPDX-License-Identifier: MIT
// Binary cross entropy of logits z and targets t, mean over all elements. Outputs the loss, a scalar.
// Attributes: label_smoothing; class_weights and pos_weights, how many class_weight[] and pos_weight[] there are: see docs/losses.md.
#include "bce_with_logits.h"
#include "op/class_weights.h"
#include "op/reduce.h"
#include "op/software.h"
#include "shaders.h"

#include <string.h>

enum { MAX_GROUPS = 1024 };

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_expect_shape(info, 1, "the target", info->in[0]));
    TRY(op_class_weights_expect(info));
    info->out[0] = op_scalar();
    info->out_count = 1;
    info->workspace = 4ull * op_reduce_groups(op_count(info->in[0]), MAX_GROUPS);
fail:
    return status;
}

static struct bce_with_logits_push push_of(const struct op_call *call)
{
    const uint64_t count = op_count(call->in[0].shape);
    struct bce_with_logits_push push = {
        .count = (uint32_t)count,
        .scale = (float)(1.0 / (double)count),
        .classes = call->in[0].shape.c,
        .smoothing = call->attr->label_smoothing,
        .class_weights = call->attr->class_weights,
        .pos_weights = call->attr->pos_weights,
    };
    memcpy(push.class_weight, call->attr->class_weight, sizeof push.class_weight);
    memcpy(push.pos_weight, call->attr->pos_weight, sizeof push.pos_weight);
    return push;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct bce_with_logits_push push = push_of(call);
    const uint32_t groups = op_reduce_groups(push.count, MAX_GROUPS);
    const uint32_t weighted = op_class_weighted(call->attr);
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_bce_with_logits_fwd,
                                                       .spec = &weighted,
                                                       .spec_count = 1,
                                                       .ranges = ranges,
                                                       .range_count = ARRAY_COUNT(ranges),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {groups, 1, 1},
                                                       .flops = 30.0 * push.count,
                                                       .bytes = 8.0 * push.count,
                                                       .label = call->label});
    op_reduce_columns(stream, call, call->workspace, groups, 1, push.scale, call->out[0].range);
}

static struct op_columns lane_rows(const struct op_call *call, const struct gpu_shader *shader, struct bce_with_logits_push *push)
{
    const struct op_lane_rows rows = op_lane_rows(gpu_get_limits(call->gpu), op_count(call->in[0].shape));
    *push = push_of(call);
    push->rows = rows.rows;
    push->chunk_rows = rows.chunk_rows;
    return op_lane_columns(&rows, shader, push, offsetof(struct bce_with_logits_push, classes));
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    const uint64_t count = op_count(info->in[0]);
    if (op_class_weighted(info->attr) || !op_lane_rows_offered(info->limits, count)) return false;
    const struct op_lane_rows rows = op_lane_rows(info->limits, count);
    needs->workspace = 4ull * rows.chunks * rows.lanes;
    return true;
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    struct bce_with_logits_push push;
    struct op_columns columns = lane_rows(call, &shader_bce_with_logits_fwd_software, &push);
    const uint32_t rows = columns.y * columns.channels;
    const struct gpu_range partial = op_slice(call->workspace, 0, 4ull * rows);
    columns.ranges = (const struct gpu_range[]){call->in[0].range, call->in[1].range, partial};
    columns.range_count = 3;
    columns.flops = 30.0 * push.count;
    op_dispatch_columns(stream, call, &columns);
    op_reduce_columns(stream, call, partial, rows, 1, push.scale, call->out[0].range);
}

static void grad(struct op_grad *g)
{
    if (!g->want[0] || g->dout[0] == OP_NONE) return;
    g->emit(g, "bce_with_logits_bwd", g->attr, (op_id[]){g->in[0], g->in[1], g->dout[0]}, 3, (int[]){0}, 1, NULL);
}

static double flops(const struct op_call *call)
{
    return 30.0 * (double)op_count(call->in[0].shape);
}

const struct op op_bce_with_logits = {
    .name = "bce_with_logits",
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
    .grad = grad,
    .flops = flops,
};

// --- backward: z, t, dloss -> dz --------------------------------------------------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 3));
    TRY(op_expect_shape(info, 1, "the target", info->in[0]));
    TRY(op_expect_shape(info, 2, "the loss gradient", op_scalar()));
    info->out[0] = info->in[0];
    info->out_count = 1;
fail:
    return status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct bce_with_logits_push push = push_of(call);
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->in[2].range, call->out[0].range};
    op_dispatch_1d(stream, call, &shader_bce_with_logits_bwd, (uint32_t[]){call->accumulate & 1, op_class_weighted(call->attr)}, 2, ranges,
                   ARRAY_COUNT(ranges), &push, sizeof push, push.count, 10.0 * push.count,
                   (12.0 + 4.0 * (call->accumulate & 1)) * push.count);
}

static bool offer_bwd_software(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return !op_class_weighted(info->attr) && op_lane_rows_offered(info->limits, op_count(info->in[0]));
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    struct bce_with_logits_push push;
    struct op_columns columns = lane_rows(call, &shader_bce_with_logits_bwd_software, &push);
    columns.variant = call->accumulate & 1;
    columns.accumulates = call->accumulate & 1;
    columns.ranges = (const struct gpu_range[]){call->in[0].range, call->in[1].range, call->in[2].range, call->out[0].range};
    columns.range_count = 4;
    columns.flops = 10.0 * push.count;
    op_dispatch_columns(stream, call, &columns);
}

const struct op op_bce_with_logits_bwd = {
    .name = "bce_with_logits_bwd",
    .flags = OP_ACCUMULATES,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(offer_bwd_software, record_bwd_software),
};
