// SPDX-License-Identifier: MIT
#include "op/pointwise.h"

#include "map.h"
#include "op/software.h"

enum nephos_status op_infer_elementwise(struct op_infer *info, uint32_t count)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(op_expect_inputs(info, count));
    for (uint32_t i = 1; i < count; i++) TRY(op_expect_shape(info, i, "the second operand", info->in[0]));
    info->out_count = 1;
    info->out[0] = info->in[0];
fail:
    return status;
}

void op_record_elementwise(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader)
{
    struct gpu_range ranges[3];
    const uint64_t count = op_count(call->out[0].shape);
    const uint32_t accumulate = call->accumulate & 1, spec[] = {0, accumulate};
    const struct map_push push = {.count = (uint32_t)count, .alpha = call->attr->alpha}; // infer has checked that the count fits
    for (uint32_t i = 0; i < call->in_count; i++) ranges[i] = call->in[i].range;
    ranges[call->in_count] = call->out[0].range;
    op_dispatch_1d(stream, call, shader, spec, ARRAY_COUNT(spec), ranges, call->in_count + 1, &push, sizeof push, count, (double)count,
                   4.0 * (double)count * (call->in_count + 1 + accumulate));
}

bool op_offer_elementwise(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return op_lane_rows_offered(info->limits, op_count(info->in[0]));
}

void op_record_elementwise_software(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader)
{
    struct gpu_range ranges[3];
    const uint64_t count = op_count(call->out[0].shape);
    const struct op_lane_rows rows = op_lane_rows(gpu_get_limits(call->gpu), count);
    const struct map_push push = {(uint32_t)count, call->attr->alpha, rows.rows, rows.chunk_rows};
    for (uint32_t i = 0; i < call->in_count; i++) ranges[i] = call->in[i].range;
    ranges[call->in_count] = call->out[0].range;
    struct op_columns columns = op_lane_columns(&rows, shader, &push, sizeof push);
    columns.variant = call->accumulate & 1;
    columns.accumulates = call->accumulate & 1;
    columns.ranges = ranges;
    columns.range_count = call->in_count + 1;
    columns.flops = (double)count;
    op_dispatch_columns(stream, call, &columns);
}

void op_grad_activation(struct op_grad *g, const char *backward)
{
    if (!g->want[0]) return;
    g->emit(g, backward, g->attr, (const op_id[]){g->dout[0], g->out[0]}, 2, (const int[]){0}, 1, NULL);
}
