// SPDX-License-Identifier: MIT
// Counts and soft sums per image and class, from logits (N,H,W,C) and a target: {N,1,C,8} words of 4 bytes, true positives, false
// positives, false negatives and true negatives (uint32), the sums of p t, p and t (float), and 0.
// Attributes: mode (enum op_classes_mode), ignore_index, and for sigmoids alpha, the probability from which a pixel is positive
// (0: 0.5).
#include "metrics.h"
#include "op/classes.h"
#include "op/reduce.h"
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

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape logits = call->in[0].shape;
    const double alpha = call->attr->alpha > 0 ? (double)call->attr->alpha : 0.5;
    const double elements = (double)op_count(logits);
    const struct metrics_push push = {
        .count = (uint32_t)op_count(call->out[0].shape),
        .pixels = (uint32_t)pixel_count(logits),
        .classes = logits.c,
        .ignore_index = call->attr->ignore_index,
        .threshold = (float)log(alpha / (1 - alpha)),
        .rows = op_reduce_groups(pixel_count(logits), MAX_GROUPS),
    };
    const uint32_t spec[] = {call->attr->mode, op_classes_indexed(call->attr, logits, call->in[1].shape)};
    const struct gpu_range count[] = {call->in[0].range, call->in[1].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_metrics_fwd, .spec = spec, .spec_count = ARRAY_COUNT(spec),
                                                       .ranges = count, .range_count = ARRAY_COUNT(count), .push = &push,
                                                       .push_size = sizeof push, .groups = {push.rows, (logits.c + 3) / 4, logits.n},
                                                       .flops = 30.0 * elements, .bytes = 8.0 * elements, .label = call->label});
    const struct gpu_range sum[] = {call->workspace, call->out[0].range};
    op_dispatch_1d(stream, call, &shader_metrics_sum, NULL, 0, sum, ARRAY_COUNT(sum), &push, sizeof push, push.count,
                   (double)push.count * push.rows, 4.0 * push.count * push.rows);
}

const struct op op_metrics = {.name = "metrics", .infer = infer, .record = record};
