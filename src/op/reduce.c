// SPDX-License-Identifier: MIT
// The parts common to two-pass reductions.
#include "op/reduce.h"

#include "reduce_columns.h"
#include "shaders.h"

uint32_t op_reduce_groups(uint64_t count, uint32_t most)
{
    const uint64_t share = 8 * OP_REDUCE_SIZE; // elements per group: enough to be worth a group's start
    const uint64_t groups = (count + share - 1) / share;
    return groups < 1 ? 1 : groups < most ? (uint32_t)groups : most;
}

static void reduce(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, const struct reduce_columns_push *push,
                   struct gpu_range out)
{
    const struct gpu_range ranges[] = {partial, out};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_reduce_columns,
                                                       .ranges = ranges,
                                                       .range_count = ARRAY_COUNT(ranges),
                                                       .push = push,
                                                       .push_size = sizeof *push,
                                                       .groups = {push->columns, 1, 1},
                                                       .flops = (double)push->rows * push->columns,
                                                       .bytes = 4.0 * push->rows * push->columns,
                                                       .label = call->label});
}

void op_reduce_columns(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, uint32_t rows, uint32_t columns,
                       float scale, struct gpu_range out)
{
    reduce(stream, call, partial, &(struct reduce_columns_push){.rows = rows, .columns = columns, .scale = scale}, out);
}

void op_reduce_columns_at(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, uint32_t rows, uint32_t columns,
                          uint32_t first, struct gpu_range out)
{
    reduce(stream, call, partial, &(struct reduce_columns_push){.rows = rows, .columns = columns, .scale = 1, .first = first}, out);
}
