// SPDX-License-Identifier: MIT
// fold_batch_norm(w, wb, running, [bias]) -> w', bias': the weights {o, kh, kw, c} and biases {o} of the one convolution that does what
// a convolution with w and bias and a batch_norm_infer behind it do. Attribute: eps.
#include "op/moments.h"

#include "fold_batch_norm.h"
#include "shaders.h"

enum { BIAS = 3 }; // operand

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    struct op_infer required = *info;
    if (info->in_count == 4) required.in_count = 3;
    TRY(op_expect_inputs(&required, 3));
    const struct op_shape pair = {1, 1, 2, info->in[0].n};
    TRY(op_expect_shape(info, 1, "weight and bias", pair));
    TRY(op_expect_shape(info, 2, "the statistics", pair));
    info->out_count = 2;
    info->out[0] = info->in[0];
    info->out[1] = op_vector(pair.c);
    if (info->in_count == 4 && info->present[BIAS]) TRY(op_expect_shape(info, BIAS, "the bias", info->out[1]));
    info->workspace = 16ull * pair.c;
fail:
    return status;
}

static void fold(struct gpu_stream *stream, const struct op_call *call, struct gpu_range saved, const struct op_tensor *from,
                 const struct op_tensor *to, bool bias)
{
    const uint32_t count = (uint32_t)op_count(to->shape), channels = call->in[0].shape.n;
    const struct fold_batch_norm_push push = {count, count / channels, channels};
    const struct gpu_range ranges[] = {saved, from ? from->range : (struct gpu_range){0}, to->range};
    op_dispatch_1d(stream, call, &shader_fold_batch_norm, (const uint32_t[]){bias, from != NULL}, 2, ranges, ARRAY_COUNT(ranges), &push,
                   sizeof push, count, count, 8.0 * count);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct gpu_range saved = op_slice(call->workspace, 0, 16ull * call->in[0].shape.n);
    const bool bias = call->in_count > BIAS && call->in[BIAS].range.buffer;
    op_record_batch_norm_coef(stream, call, op_vector(call->in[0].shape.n), call->in[2].range, call->in[1].range, (struct gpu_range){0}, saved);
    fold(stream, call, saved, &call->in[0], &call->out[0], false);
    fold(stream, call, saved, bias ? &call->in[BIAS] : NULL, &call->out[1], true);
}

const struct op op_fold_batch_norm = {.name = "fold_batch_norm", .infer = infer, .record = record};
