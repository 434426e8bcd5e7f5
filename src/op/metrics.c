// SPDX-License-Identifier: MIT
// Counts and soft sums per image and class, from logits (N,H,W,C) and a target: {N,1,C,8} words of 4 bytes, true positives, false
// positives, false negatives and true negatives (uint32), the sums of p t, p and t (float), and 0.
// Attributes: mode (enum op_classes_mode), ignore_index, and for sigmoids alpha, the probability from which a pixel is positive
// (0: 0.5).
#include "metrics.h"
#include "op/classes.h"
#include "op/reduce.h"
#include "op/software.h"
#include "shaders.h"

#include <math.h>

enum { MAX_GROUPS = 64 }; // per image; few, because the second pass adds them one after the other

static uint64_t pixel_count(struct op_shape logits) // of one image
{
    return (uint64_t)logits.h * logits.w;
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_classes_expect(info));
    if (!(info->attr->alpha >= 0.0f && info->attr->alpha < 1.0f)) {
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: the threshold %g is no probability below 1", info->label, (double)info->attr->alpha);
    }
    info->out[0] = (struct op_shape){info->in[0].n, 1, info->in[0].c, METRICS_WORDS};
    info->out_count = 1;
    info->workspace = op_reduce_groups(pixel_count(info->in[0]), MAX_GROUPS) * op_bytes(info->out[0]);
fail:
    return status;
}

static struct metrics_push push_of(const struct op_call *call)
{
    const struct op_shape logits = call->in[0].shape;
    const double alpha = call->attr->alpha > 0 ? (double)call->attr->alpha : 0.5;
    return (struct metrics_push){
        .count = (uint32_t)op_count(call->out[0].shape),
        .pixels = (uint32_t)pixel_count(logits),
        .classes = logits.c,
        .ignore_index = call->attr->ignore_index,
        .threshold = (float)log(alpha / (1 - alpha)),
    };
}

static void record_sum(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, const struct metrics_push *push)
{
    const struct gpu_range ranges[] = {partial, call->out[0].range};
    op_dispatch_1d(stream, call, &shader_metrics_sum, NULL, 0, ranges, ARRAY_COUNT(ranges), push, sizeof *push, push->count,
                   (double)push->count * push->rows, 4.0 * push->count * push->rows);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape logits = call->in[0].shape;
    const double elements = (double)op_count(logits);
    struct metrics_push push = push_of(call);
    push.rows = op_reduce_groups(pixel_count(logits), MAX_GROUPS);
    const uint32_t spec[] = {call->attr->mode, op_classes_indexed(call->attr, logits, call->in[1].shape)};
    const struct gpu_range count[] = {call->in[0].range, call->in[1].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_metrics_fwd, .spec = spec, .spec_count = ARRAY_COUNT(spec),
                                                       .ranges = count, .range_count = ARRAY_COUNT(count), .push = &push,
                                                       .push_size = sizeof push, .groups = {push.rows, (logits.c + 3) / 4, logits.n},
                                                       .flops = 30.0 * elements, .bytes = 8.0 * elements, .label = call->label});
    record_sum(stream, call, call->workspace, &push);
}

// An image in chunks of rows; as each makes a partial result of every pixel of a row, there are fewer of them.
static struct op_lane_rows image_rows(const struct gpu_limits *limits, struct op_shape logits)
{
    struct op_lane_rows rows = op_lane_rows(limits, pixel_count(logits) * logits.c);
    const uint32_t most = MAX_GROUPS * logits.c / rows.lanes;
    if (rows.chunks <= most) return rows;
    rows.chunk_rows = (rows.rows - 1) / (most ? most : 1) + 1;
    rows.chunks = (rows.rows - 1) / rows.chunk_rows + 1;
    return rows;
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    const struct op_shape logits = info->in[0];
    if (!op_classes_in_lanes(info->limits, info->attr, logits)) return false;
    const struct op_lane_rows rows = image_rows(info->limits, logits);
    needs->workspace = rows.chunks * (rows.lanes / logits.c) * op_bytes(info->out[0]);
    return pixel_count(logits) * logits.c % rows.lanes == 0 && logits.n <= OP_COLUMNS_MOST;
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape logits = call->in[0].shape;
    const struct op_lane_rows rows = image_rows(gpu_get_limits(call->gpu), logits);
    struct metrics_push push = push_of(call);
    push.rows = rows.chunks * (rows.lanes / logits.c);
    push.image_rows = rows.rows;
    push.chunk_rows = rows.chunk_rows;
    struct op_columns columns = op_lane_columns(&rows, &shader_software_metrics_fwd, &push, sizeof push);
    const struct gpu_range partial = op_slice(call->workspace, 0, push.rows * op_bytes(call->out[0].shape));
    columns.z = logits.n;
    columns.ranges = (const struct gpu_range[]){call->in[0].range, call->in[1].range, partial};
    columns.range_count = 3;
    columns.flops = 30.0 * (double)op_count(logits);
    op_dispatch_columns(stream, call, &columns);
    record_sum(stream, call, partial, &push);
}

const struct op op_metrics = {
    .name = "metrics",
    .flags = OP_COUNTS,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
};
