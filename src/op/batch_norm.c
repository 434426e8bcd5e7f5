// SPDX-License-Identifier: MIT
// Normalises each channel over all pixels of the batch, and does what follows in a network.
//
//   batch_norm(x, wb, running, [residual], [moments]) -> y, saved
//   batch_norm_stats(x, wb, running, [moments]) -> saved: what batch_norm does besides y, which is left to its readers (op/prologue.h)
//   batch_norm_infer(x, wb, running, [residual]) -> y: by the running statistics
//   batch_norm_apply(x, saved, [residual]) -> y: once more what batch_norm gave, to the bit; nothing else is written
//   batch_norm_bwd(x, wb, saved, dy, [y]) -> dx, dwb, [dresidual]
//   y = act((x - mean) / sqrt(variance + eps) * weight + bias + residual), act = max(., 0) if attr.relu
//
// wb {1, 1, 2, c} holds weights, then biases; running {1, 1, 2, c} means, then unbiased variances, and is updated in place; moments
// {1, 1, 2, c} are mean and biased variance of x where they are known already (conv2d). saved {1, 1, 4, c} is the batch's mean,
// 1 / sqrt(biased variance + eps), weight times that, and bias: what the backward pass needs. Attributes: eps, momentum (share of
// the new batch), relu.
//
// Backward, dy counts where y > 0. Without a residual that is computed anew from x, which has to be read anyhow. With one, y is an
// operand, and dy cut off is the residual's gradient: it is written first and read instead of dy.
#include "op/moments.h"

#include "op/software.h"
#include "shaders.h"

#define APPLY_EACH 16 // rows per invocation
enum { RESIDUAL = 3, MOMENTS = 4, STATS_MOMENTS = 3 }; // operands
enum { APPLY_RESIDUAL = 2 };
enum { BWD_Y = 4 };

static struct op_shape rows_shape(uint32_t rows, uint32_t c)
{
    return (struct op_shape){1, 1, rows, c};
}

static bool has(const struct op_call *call, uint32_t operand)
{
    return call->in_count > operand && call->in[operand].range.buffer;
}

static bool is_present(const struct op_infer *info, uint32_t operand)
{
    return info->in_count > operand && info->present[operand];
}

// For the kernels that reduce columns.
static struct batch_norm_push reduce_push(struct op_shape x, const struct op_attr *attr, const struct gpu_limits *limits, bool software)
{
    struct batch_norm_push push = op_moments_push(x, attr, OP_REDUCE_EACH, OP_REDUCE_CHUNKS, software);
    const uint32_t unit = limits->offset_alignment > 4 ? limits->offset_alignment / 4 : 1; // of a range of its own
    push.coef_offset = (2 * push.chunks * x.c + unit - 1) / unit * unit;
    return push;
}

// --- forward ----------------------------------------------------------------------------------------------------------

static enum nephos_status expect_operands(const struct op_infer *info, uint32_t required, uint32_t most, uint32_t stats_rows)
{
    enum nephos_status status = NEPHOS_OK;
    struct op_infer first = *info;
    if (info->in_count >= required && info->in_count <= most) first.in_count = required;
    TRY(op_expect_inputs(&first, required));
    TRY(op_expect_shape(info, 1, "weight and bias", rows_shape(2, info->in[0].c)));
    TRY(op_expect_shape(info, 2, "the statistics", rows_shape(stats_rows, info->in[0].c)));
    if (!(info->attr->eps > 0))
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: eps is %g, must be above 0", info->label, (double)info->attr->eps);
fail:
    return status;
}

// `moments`: number of the operand.
static uint64_t workspace(const struct op_infer *info, uint32_t moments, bool software)
{
    const struct batch_norm_push push = reduce_push(info->in[0], info->attr, info->limits, software);
    return is_present(info, moments) ? 0 : 4 * (push.coef_offset + 2ull * push.channels); // partial and final moments
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(expect_operands(info, 3, 5, 2));
    if (is_present(info, RESIDUAL)) TRY(op_expect_shape(info, RESIDUAL, "the residual", info->in[0]));
    if (is_present(info, MOMENTS)) TRY(op_expect_shape(info, MOMENTS, "the moments", rows_shape(2, info->in[0].c)));
    info->out_count = 2;
    info->out[0] = info->in[0];
    info->out[1] = rows_shape(4, info->in[0].c);
    info->workspace = workspace(info, MOMENTS, false);
fail:
    return status;
}

// `residual`: number of the operand.
static void apply(struct gpu_stream *stream, const struct op_call *call, struct gpu_range saved, uint32_t residual, bool software)
{
    const struct batch_norm_push push = op_moments_push(call->in[0].shape, call->attr, APPLY_EACH, OP_COLUMNS_MOST, software);
    const struct gpu_range added = has(call, residual) ? call->in[residual].range : (struct gpu_range){0};
    const struct gpu_range ranges[] = {call->in[0].range, saved, added, call->out[0].range};
    const uint32_t options = (added.buffer ? BATCH_NORM_RESIDUAL : 0) | (call->attr->relu ? BATCH_NORM_RELU : 0);
    op_moments_dispatch(stream, call, OP_COLUMNS_SHADER(batch_norm, software), options, software, ranges, ARRAY_COUNT(ranges), &push, push.chunks);
}

// `given`: number of the operand with the moments.
static void record_saved(struct gpu_stream *stream, const struct op_call *call, uint32_t given, struct gpu_range saved, bool software)
{
    const struct batch_norm_push push = reduce_push(call->in[0].shape, call->attr, gpu_get_limits(call->gpu), software);
    struct gpu_range moments = has(call, given) ? call->in[given].range : (struct gpu_range){0};
    if (!moments.buffer) {
        moments = op_slice(call->workspace, 4ull * push.coef_offset, 8ull * push.channels);
        op_record_moments_by(stream, call, &call->in[0], call->workspace, moments, software);
    }
    op_record_batch_norm_coef(stream, call, call->in[0].shape, moments, call->in[1].range, call->in[2].range, saved);
}

static void record_by(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    record_saved(stream, call, MOMENTS, call->out[1].range, software);
    apply(stream, call, call->out[1].range, RESIDUAL, software);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    record_by(stream, call, false);
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    needs->workspace = workspace(info, MOMENTS, true);
    return op_columns_software(info->limits, info->in[0]);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    record_by(stream, call, true);
}

static void grad(struct op_grad *g)
{
    const bool residual = g->in_count > RESIDUAL && g->in[RESIDUAL] != OP_NONE, masked = residual && g->attr->relu;
    const op_id in[] = {g->in[0], g->in[1], g->out[1], g->dout[0], g->out[0]};
    const int target[] = {g->want[0] ? 0 : -1, g->want[1] ? 1 : -1, -1};
    op_id out[OP_MAX_OUTPUTS] = {OP_NONE, OP_NONE, OP_NONE};
    g->emit(g, "batch_norm_bwd", g->attr, in, masked ? 5 : 4, target, masked ? 3 : 2, out);
    if (residual && g->want[RESIDUAL]) g->alias(g, RESIDUAL, masked ? out[2] : g->dout[0]);
}

static double flops(const struct op_call *call)
{
    return 8.0 * (double)op_count(call->in[0].shape);
}

static enum nephos_status infer_infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(expect_operands(info, 3, 4, 2));
    if (is_present(info, RESIDUAL)) TRY(op_expect_shape(info, RESIDUAL, "the residual", info->in[0]));
    info->out_count = 1;
    info->out[0] = info->in[0];
    info->workspace = op_bytes(rows_shape(4, info->in[0].c));
fail:
    return status;
}

static void record_infer_by(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    const struct gpu_range saved = op_slice(call->workspace, 0, op_bytes(rows_shape(4, call->in[0].shape.c)));
    op_record_batch_norm_coef(stream, call, call->in[0].shape, call->in[2].range, call->in[1].range, (struct gpu_range){0}, saved);
    apply(stream, call, saved, RESIDUAL, software);
}

static void record_infer(struct gpu_stream *stream, const struct op_call *call)
{
    record_infer_by(stream, call, false);
}

static bool offer_infer_software(const struct op_infer *info, struct op_needs *needs)
{
    needs->workspace = info->workspace;
    return op_columns_software(info->limits, info->in[0]);
}

static void record_infer_software(struct gpu_stream *stream, const struct op_call *call)
{
    record_infer_by(stream, call, true);
}

// --- statistics alone -------------------------------------------------------------------------------------------------

static enum nephos_status infer_stats(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(expect_operands(info, 3, 4, 2));
    if (is_present(info, STATS_MOMENTS)) TRY(op_expect_shape(info, STATS_MOMENTS, "the moments", rows_shape(2, info->in[0].c)));
    info->out_count = 1;
    info->out[0] = rows_shape(4, info->in[0].c);
    info->workspace = workspace(info, STATS_MOMENTS, false);
fail:
    return status;
}

static void record_stats(struct gpu_stream *stream, const struct op_call *call)
{
    record_saved(stream, call, STATS_MOMENTS, call->out[0].range, false);
}

// With moments there is nothing left to be done by other kernels.
static bool offer_stats_software(const struct op_infer *info, struct op_needs *needs)
{
    needs->workspace = workspace(info, STATS_MOMENTS, true);
    return !is_present(info, STATS_MOMENTS) && op_columns_software(info->limits, info->in[0]);
}

static void record_stats_software(struct gpu_stream *stream, const struct op_call *call)
{
    record_saved(stream, call, STATS_MOMENTS, call->out[0].range, true);
}

// --- once more --------------------------------------------------------------------------------------------------------

static enum nephos_status infer_apply(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    struct op_infer first = *info;
    if (info->in_count >= 2 && info->in_count <= 3) first.in_count = 2;
    TRY(op_expect_inputs(&first, 2));
    TRY(op_expect_shape(info, 1, "the statistics", rows_shape(4, info->in[0].c)));
    if (is_present(info, APPLY_RESIDUAL)) TRY(op_expect_shape(info, APPLY_RESIDUAL, "the residual", info->in[0]));
    info->out_count = 1;
    info->out[0] = info->in[0];
fail:
    return status;
}

static void record_apply(struct gpu_stream *stream, const struct op_call *call)
{
    apply(stream, call, call->in[1].range, APPLY_RESIDUAL, false);
}

static bool offer_apply_software(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return op_columns_software(info->limits, info->in[0]);
}

static void record_apply_software(struct gpu_stream *stream, const struct op_call *call)
{
    apply(stream, call, call->in[1].range, APPLY_RESIDUAL, true);
}

// --- backward ---------------------------------------------------------------------------------------------------------

static uint64_t workspace_bwd(const struct op_infer *info, bool software)
{
    const struct batch_norm_push push = reduce_push(info->in[0], info->attr, info->limits, software);
    return 4 * (push.coef_offset + 5ull * push.channels);
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(expect_operands(info, 4, 5, 4));
    TRY(op_expect_shape(info, 3, "dy", info->in[0]));
    info->out_count = 2;
    info->out[0] = info->in[0];
    info->out[1] = rows_shape(2, info->in[0].c);
    info->workspace = workspace_bwd(info, false);
    if (!is_present(info, BWD_Y)) return NEPHOS_OK;
    TRY(op_expect_shape(info, BWD_Y, "y", info->in[0]));
    info->out[info->out_count++] = info->in[0];
fail:
    return status;
}

// dresidual = dy where y > 0.
static void record_mask(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    struct op_call mask = *call;
    mask.in_count = 2;
    mask.in[0] = call->in[3];
    mask.in[1] = call->in[BWD_Y];
    mask.out[0] = call->out[2];
    mask.accumulate = 0;
    op_record(stream, &op_relu_bwd, software ? op_relu_bwd.variants[0] : NULL, false, &mask);
}

static void record_bwd_by(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    const struct batch_norm_push push = reduce_push(call->in[0].shape, call->attr, gpu_get_limits(call->gpu), software);
    const struct batch_norm_push each = op_moments_push(call->in[0].shape, call->attr, APPLY_EACH, OP_COLUMNS_MOST, software);
    const struct gpu_range x = call->in[0].range, saved = call->in[2].range;
    const struct gpu_range dy = has(call, BWD_Y) ? call->out[2].range : call->in[3].range;
    const struct gpu_range partial = op_slice(call->workspace, 0, 8ull * push.chunks * push.channels);
    const struct gpu_range coef = op_slice(call->workspace, 4ull * push.coef_offset, 20ull * push.channels);
    const uint32_t relu = call->attr->relu && !has(call, BWD_Y) ? BATCH_NORM_RELU : 0;
    const uint32_t add_dx = call->accumulate & 1 ? BATCH_NORM_ACCUMULATE : 0;
    if (has(call, BWD_Y)) record_mask(stream, call, software);
    op_moments_dispatch(stream, call, OP_COLUMNS_SHADER(batch_norm_bwd_sums, software), relu, software,
                        (const struct gpu_range[]){x, saved, dy, partial}, 4, &push, push.chunks);
    op_moments_dispatch(stream, call, &shader_batch_norm_bwd_finalize, call->accumulate >> 1 & 1, false,
                        (const struct gpu_range[]){call->workspace, saved, call->out[1].range}, 3, &push, 1);
    op_moments_dispatch(stream, call, OP_COLUMNS_SHADER(batch_norm_bwd, software), relu | add_dx, software,
                        (const struct gpu_range[]){x, dy, coef, call->out[0].range}, 4, &each, each.chunks);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    record_bwd_by(stream, call, false);
}

static bool offer_bwd_software(const struct op_infer *info, struct op_needs *needs)
{
    needs->workspace = workspace_bwd(info, true);
    return op_columns_software(info->limits, info->in[0]);
}

static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    record_bwd_by(stream, call, true);
}

const struct op op_batch_norm = {
    .name = "batch_norm",
    .flags = OP_SIDE_EFFECT | OP_CHEAP,
    .half_in = 1 | 1 << 3,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
    .grad = grad,
    .flops = flops,
};
const struct op op_batch_norm_stats = {
    .name = "batch_norm_stats",
    .flags = OP_SIDE_EFFECT,
    .half_in = 1,
    .infer = infer_stats,
    .record = record_stats,
    .variants = OP_SOFTWARE(offer_stats_software, record_stats_software),
};
const struct op op_batch_norm_infer = {
    .name = "batch_norm_infer",
    .flags = OP_IN_PLACE,
    .half_in = 1 | 1 << 3,
    .half_out = 1,
    .infer = infer_infer,
    .record = record_infer,
    .variants = OP_SOFTWARE(offer_infer_software, record_infer_software),
};
const struct op op_batch_norm_apply = {
    .name = "batch_norm_apply",
    .half_in = 1 | 1 << 2,
    .half_out = 1,
    .infer = infer_apply,
    .record = record_apply,
    .variants = OP_SOFTWARE(offer_apply_software, record_apply_software),
};
const struct op op_batch_norm_bwd = {
    .name = "batch_norm_bwd",
    .flags = OP_ACCUMULATES,
    .half_in = 1 | 1 << 3 | 1 << 4,
    .half_out = 1 | 1 << 2,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(offer_bwd_software, record_bwd_software),
    .flops = flops,
};
