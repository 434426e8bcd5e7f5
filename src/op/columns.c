// SPDX-License-Identifier: MIT
#include "op/columns.h"

#include "column_group.h"

#define MAX_LANES 64

uint32_t op_columns_lanes(uint32_t channels)
{
    uint32_t lanes = 1;
    while (lanes < channels && lanes < MAX_LANES) lanes *= 2;
    return lanes;
}

uint32_t op_columns_chunk(uint32_t rows, uint32_t channels, uint32_t each, uint32_t most)
{
    const uint32_t least = COLUMNS_GROUP / op_columns_lanes(channels) * each;
    const uint32_t wanted = (rows - 1) / least + 1;
    return (rows - 1) / (wanted < most ? wanted : most) + 1;
}

void op_dispatch_columns(struct gpu_stream *stream, const struct op_call *call, const struct op_columns *columns)
{
    const uint32_t lanes = op_columns_lanes(columns->channels), spec[] = {lanes, columns->variant};
    double bytes = 0;
    for (uint32_t i = 0; i < columns->range_count; i++) bytes += (double)columns->ranges[i].size;
    if (columns->accumulates) bytes += (double)columns->ranges[columns->range_count - 1].size;
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = columns->shader,
                                    .spec = spec,
                                    .spec_count = ARRAY_COUNT(spec),
                                    .ranges = columns->ranges,
                                    .range_count = columns->range_count,
                                    .push = columns->push,
                                    .push_size = columns->push_size,
                                    .groups = {(columns->channels + lanes - 1) / lanes, columns->y, columns->z},
                                    .flops = columns->flops,
                                    .bytes = bytes,
                                    .label = call->label,
                                });
}
