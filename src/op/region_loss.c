// SPDX-License-Identifier: MIT
// Losses of how well the sum of probabilities over a region overlaps with the target's (docs/losses.md): Dice, Jaccard, Tversky, focal
// Tversky, Matthews' correlation; over the batch, or over each image that has the class at all. Outputs the loss and the sums
// {segments,1,3,C} of p t, p and t that the backward pass reads again.
// Attributes: region (REGION_DICE ...), mode (enum op_classes_mode), ignore_index; alpha, beta (Tversky); gamma (focal Tversky).
#include "region_loss.h"
#include "op/classes.h"
#include "op/reduce.h"
#include "op/software.h"
#include "shaders.h"

enum { MAX_GROUPS = 512 };

static uint64_t pixel_count(struct op_shape logits)
{
    return (uint64_t)logits.n * logits.h * logits.w;
}

static bool per_image(const struct op_attr *attr)
{
    return attr->region == REGION_DICE_POSITIVE;
}

static struct op_shape sums_shape(const struct op_attr *attr, struct op_shape logits)
{
    return (struct op_shape){per_image(attr) ? logits.n : 1, 1, 3, logits.c};
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_classes_expect(info));
    if (info->attr->region > REGION_MCC)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: region %u is above %u", info->label, info->attr->region, REGION_MCC);
    info->out[0] = op_scalar();
    info->out[1] = sums_shape(info->attr, info->in[0]);
    info->out_count = 2;
    info->workspace = 4 * op_count(info->out[1]) * op_reduce_groups(pixel_count(info->in[0]) / info->out[1].n, MAX_GROUPS);
fail:
    return status;
}

static struct region_loss_push push_of(const struct op_call *call)
{
    const struct op_shape logits = call->in[0].shape;
    const uint32_t segments = sums_shape(call->attr, logits).n, pixels = (uint32_t)pixel_count(logits);
    return (struct region_loss_push){
        .pixels = pixels,
        .classes = logits.c,
        .ignore_index = call->attr->ignore_index,
        .segment_pixels = pixels / segments,
        .segments = segments,
        .alpha = call->attr->alpha,
        .beta = call->attr->beta,
        .gamma = call->attr->gamma,
    };
}

// The sums from partial ones, then the loss.
static void record_loss(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, uint32_t rows)
{
    const struct region_loss_push push = push_of(call);
    const uint32_t pairs = push.segments * push.classes;
    op_reduce_columns(stream, call, partial, rows, 3 * pairs, 1.0f, call->out[1].range);
    const struct gpu_range mean[] = {call->out[1].range, call->out[0].range};
    const uint32_t spec[] = {call->attr->region, call->attr->mode};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_region_loss_mean,
                                                       .spec = spec,
                                                       .spec_count = ARRAY_COUNT(spec),
                                                       .ranges = mean,
                                                       .range_count = ARRAY_COUNT(mean),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {1, 1, 1},
                                                       .flops = 6.0 * pairs,
                                                       .bytes = 12.0 * pairs,
                                                       .label = call->label});
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct region_loss_push push = push_of(call);
    const uint32_t groups = op_reduce_groups(push.segment_pixels, MAX_GROUPS);
    const double elements = (double)op_count(call->in[0].shape);
    const uint32_t spec[] = {call->attr->mode, op_classes_indexed(call->attr, call->in[0].shape, call->in[1].shape)};
    const struct gpu_range sums[] = {call->in[0].range, call->in[1].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_region_loss_fwd,
                                                       .spec = spec,
                                                       .spec_count = ARRAY_COUNT(spec),
                                                       .ranges = sums,
                                                       .range_count = ARRAY_COUNT(sums),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {groups, (push.classes + 3) / 4, push.segments},
                                                       .flops = 20.0 * elements,
                                                       .bytes = 8.0 * elements,
                                                       .label = call->label});
    record_loss(stream, call, call->workspace, groups);
}

static struct op_columns lane_rows(const struct op_call *call, const struct gpu_shader *shader, struct region_loss_push *push)
{
    const struct op_lane_rows rows = op_lane_rows(gpu_get_limits(call->gpu), op_count(call->in[0].shape));
    *push = push_of(call);
    push->rows = rows.rows;
    push->chunk_rows = rows.chunk_rows;
    return op_lane_columns(&rows, shader, push, sizeof *push);
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    if (per_image(info->attr) || !op_classes_in_lanes(info->limits, info->attr, info->in[0])) return false;
    const struct op_lane_rows rows = op_lane_rows(info->limits, op_count(info->in[0]));
    needs->workspace = 12ull * rows.chunks * rows.lanes;
    return true;
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    struct region_loss_push push;
    struct op_columns columns = lane_rows(call, &shader_software_region_loss_fwd, &push);
    const uint32_t rows = columns.y * (columns.channels / push.classes);
    const struct gpu_range partial = op_slice(call->workspace, 0, 12ull * rows * push.classes);
    columns.ranges = (const struct gpu_range[]){call->in[0].range, call->in[1].range, partial};
    columns.range_count = 3;
    columns.flops = 20.0 * (double)op_count(call->in[0].shape);
    op_dispatch_columns(stream, call, &columns);
    record_loss(stream, call, partial, rows);
}

static void grad(struct op_grad *g)
{
    if (!g->want[0] || g->dout[0] == OP_NONE) return;
    g->emit(g, "region_loss_bwd", g->attr, (op_id[]){g->in[0], g->in[1], g->out[1], g->dout[0]}, 4, (int[]){0}, 1, NULL);
}

static double flops(const struct op_call *call)
{
    return 20.0 * (double)op_count(call->in[0].shape);
}

const struct op op_region_loss = {
    .name = "region_loss",
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
    .grad = grad,
    .flops = flops,
};

// --- backward: logits, target, sums, dloss -> dlogits -----------------------------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 4));
    TRY(op_classes_expect(info));
    TRY(op_expect_shape(info, 2, "the sums", sums_shape(info->attr, info->in[0])));
    TRY(op_expect_shape(info, 3, "the loss gradient", op_scalar()));
    info->out[0] = info->in[0];
    info->out_count = 1;
    info->workspace = 8ull * info->in[2].n * info->in[0].c; // two coefficients per sum
fail:
    return status;
}

static void record_coefficients(struct gpu_stream *stream, const struct op_call *call)
{
    const struct region_loss_push push = push_of(call);
    const double pairs = (double)push.segments * push.classes;
    const uint32_t spec[] = {call->attr->region, call->attr->mode};
    const struct gpu_range ranges[] = {call->in[2].range, call->in[3].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_region_loss_coef,
                                                       .spec = spec,
                                                       .spec_count = ARRAY_COUNT(spec),
                                                       .ranges = ranges,
                                                       .range_count = ARRAY_COUNT(ranges),
                                                       .push = &push,
                                                       .push_size = sizeof push,
                                                       .groups = {1, 1, 1},
                                                       .flops = 20.0 * pairs,
                                                       .bytes = 20.0 * pairs,
                                                       .label = call->label});
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    record_coefficients(stream, call);
    struct region_loss_push push = push_of(call);
    const double elements = (double)op_count(call->in[0].shape);
    const uint32_t accumulate = call->accumulate & 1, segmented = push.segments > 1;
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->workspace, call->out[0].range};
    if (call->attr->mode == OP_CLASSES_SIGMOID) {
        push.count = push.pixels * push.classes;
        const uint32_t spec[] = {accumulate, segmented};
        op_dispatch_1d(stream, call, &shader_region_loss_bwd, spec, ARRAY_COUNT(spec), ranges, ARRAY_COUNT(ranges), &push, sizeof push,
                       push.count, 10.0 * elements, (12.0 + 4.0 * (call->accumulate & 1)) * elements);
    } else {
        push.count = push.pixels;
        const uint32_t spec[] = {1, op_classes_indexed(call->attr, call->in[0].shape, call->in[1].shape), accumulate, segmented};
        op_dispatch_1d(stream, call, &shader_region_loss_bwd_softmax, spec, ARRAY_COUNT(spec), ranges, ARRAY_COUNT(ranges), &push,
                       sizeof push, push.count, 30.0 * elements, (12.0 + 4.0 * (call->accumulate & 1)) * elements);
    }
}

static bool offer_bwd_software(const struct op_infer *info, struct op_needs *needs)
{
    needs->workspace = info->workspace;
    return !per_image(info->attr) && op_classes_in_lanes(info->limits, info->attr, info->in[0]);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    struct region_loss_push push;
    struct op_columns columns = lane_rows(call, &shader_software_region_loss_bwd, &push);
    record_coefficients(stream, call);
    columns.variant = call->accumulate & 1;
    columns.accumulates = call->accumulate & 1;
    columns.ranges = (const struct gpu_range[]){call->in[0].range, call->in[1].range, call->workspace, call->out[0].range};
    columns.range_count = 4;
    columns.flops = 10.0 * (double)op_count(call->in[0].shape);
    op_dispatch_columns(stream, call, &columns);
}

const struct op op_region_loss_bwd = {
    .name = "region_loss_bwd",
    .flags = OP_ACCUMULATES,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(offer_bwd_software, record_bwd_software),
};
