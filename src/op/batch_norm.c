// SPDX-License-Identifier: MIT
// batch_norm(x, wb, running) -> y, saved: normalises each channel over all pixels of the batch. wb {1, 1, 2, c} holds weights, then
// biases; running {1, 1, 2, c} means, then unbiased variances, and is updated in place; saved {1, 1, 2, c} is the batch's mean,
// then 1 / sqrt(biased variance + eps), for the backward pass. Attributes: eps, momentum (share of the new batch).
// batch_norm_infer(x, wb, running) -> y: the same by the running statistics. Attribute: eps.
// batch_norm_bwd(x, wb, saved, dy) -> dx, dwb.
#include "batch_norm.h"

#include "op/columns.h"
#include "shaders.h"

// Rows per invocation of the reductions, where the tensor has as many: enough work to pay for the tree at the end.
#define REDUCE_EACH 32
#define REDUCE_CHUNKS 256
#define APPLY_EACH 16

static struct op_shape pair_shape(uint32_t c)
{
    return (struct op_shape){1, 1, 2, c};
}

static struct batch_norm_push make_push(struct op_shape x, const struct op_attr *attr, uint32_t each, uint32_t most_chunks)
{
    const uint32_t rows = (uint32_t)(op_count(x) / x.c), chunk_rows = op_columns_chunk(rows, x.c, each, most_chunks);
    return (struct batch_norm_push){
        .rows = rows,
        .channels = x.c,
        .chunk_rows = chunk_rows,
        .chunks = (rows - 1) / chunk_rows + 1,
        .eps = attr->eps,
        .momentum = attr->momentum,
    };
}

// For the kernels that reduce columns.
static struct batch_norm_push reduce_push(struct op_shape x, const struct op_attr *attr, const struct gpu_limits *limits)
{
    struct batch_norm_push push = make_push(x, attr, REDUCE_EACH, REDUCE_CHUNKS);
    const uint32_t unit = limits->offset_alignment > 4 ? limits->offset_alignment / 4 : 1; // of a range of its own
    push.coef_offset = (2 * push.chunks * x.c + unit - 1) / unit * unit;
    return push;
}

static void dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, uint32_t variant,
                     const struct gpu_range *ranges, uint32_t range_count, const struct batch_norm_push *push, uint32_t parts)
{
    op_dispatch_columns(stream, call, &(struct op_columns){
                                          .shader = shader,
                                          .variant = variant,
                                          .ranges = ranges,
                                          .range_count = range_count,
                                          .push = push,
                                          .push_size = sizeof *push,
                                          .channels = push->channels,
                                          .y = parts,
                                          .z = 1,
                                          .flops = 4.0 * push->channels * push->chunk_rows * parts,
                                      });
}

static void normalise(struct gpu_stream *stream, const struct op_call *call, struct gpu_range stats, bool from_variance)
{
    const struct batch_norm_push push = make_push(call->in[0].shape, call->attr, APPLY_EACH, OP_COLUMNS_MOST);
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, stats, call->out[0].range};
    dispatch(stream, call, &shader_batch_norm, from_variance, ranges, ARRAY_COUNT(ranges), &push, push.chunks);
}

// --- forward ----------------------------------------------------------------------------------------------------------

static enum nephos_status expect_operands(const struct op_infer *info, uint32_t count)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(op_expect_inputs(info, count));
    TRY(op_expect_shape(info, 1, "weight and bias", pair_shape(info->in[0].c)));
    TRY(op_expect_shape(info, 2, "the statistics", pair_shape(info->in[0].c)));
    if (!(info->attr->eps > 0))
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: eps is %g, must be above 0", info->label, (double)info->attr->eps);
fail:
    return status;
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(expect_operands(info, 3));
    const struct batch_norm_push push = reduce_push(info->in[0], info->attr, info->limits);
    info->out_count = 2;
    info->out[0] = info->in[0];
    info->out[1] = pair_shape(push.channels);
    info->workspace = 8ull * push.chunks * push.channels;
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct batch_norm_push push = reduce_push(call->in[0].shape, call->attr, gpu_get_limits(call->gpu));
    const struct gpu_range x = call->in[0].range, running = call->in[2].range, saved = call->out[1].range;
    dispatch(stream, call, &shader_batch_norm_stats, 0, (const struct gpu_range[]){x, call->workspace}, 2, &push, push.chunks);
    dispatch(stream, call, &shader_batch_norm_finalize, 0, (const struct gpu_range[]){call->workspace, running, saved}, 3, &push, 1);
    normalise(stream, call, saved, false);
}

static void grad(struct op_grad *g)
{
    const op_id in[] = {g->in[0], g->in[1], g->out[1], g->dout[0]};
    const int target[] = {g->want[0] ? 0 : -1, g->want[1] ? 1 : -1};
    g->emit(g, "batch_norm_bwd", g->attr, in, ARRAY_COUNT(in), target, ARRAY_COUNT(target), NULL);
}

static double flops(const struct op_call *call)
{
    return 8.0 * (double)op_count(call->in[0].shape);
}

static enum nephos_status infer_infer(struct op_infer *info)
{
    info->out_count = 1;
    info->out[0] = info->in[0];
    return expect_operands(info, 3);
}

static void record_infer(struct gpu_stream *stream, const struct op_call *call)
{
    normalise(stream, call, call->in[2].range, true);
}

// --- backward ---------------------------------------------------------------------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(expect_operands(info, 4));
    TRY(op_expect_shape(info, 3, "dy", info->in[0]));
    const struct batch_norm_push push = reduce_push(info->in[0], info->attr, info->limits);
    info->out_count = 2;
    info->out[0] = info->in[0];
    info->out[1] = pair_shape(push.channels);
    info->workspace = 4 * (push.coef_offset + 4ull * push.channels);
fail:
    return status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct batch_norm_push push = reduce_push(call->in[0].shape, call->attr, gpu_get_limits(call->gpu));
    const struct gpu_range x = call->in[0].range, wb = call->in[1].range, saved = call->in[2].range, dy = call->in[3].range;
    const struct gpu_range partial = op_slice(call->workspace, 0, 8ull * push.chunks * push.channels);
    const struct gpu_range coef = op_slice(call->workspace, 4ull * push.coef_offset, 16ull * push.channels);
    const struct batch_norm_push apply = make_push(call->in[0].shape, call->attr, APPLY_EACH, OP_COLUMNS_MOST);
    dispatch(stream, call, &shader_batch_norm_bwd_sums, 0, (const struct gpu_range[]){x, saved, dy, partial}, 4, &push, push.chunks);
    dispatch(stream, call, &shader_batch_norm_bwd_finalize, call->accumulate >> 1 & 1,
             (const struct gpu_range[]){call->workspace, wb, saved, call->out[1].range}, 4, &push, 1);
    dispatch(stream, call, &shader_batch_norm_bwd, call->accumulate & 1, (const struct gpu_range[]){x, dy, coef, call->out[0].range}, 4,
             &apply, apply.chunks);
}

const struct op op_batch_norm = {
    .name = "batch_norm", .flags = OP_SIDE_EFFECT, .infer = infer, .record = record, .grad = grad, .flops = flops};
const struct op op_batch_norm_infer = {.name = "batch_norm_infer", .flags = OP_IN_PLACE, .infer = infer_infer, .record = record_infer};
const struct op op_batch_norm_bwd = {
    .name = "batch_norm_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd, .flops = flops};
