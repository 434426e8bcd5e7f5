// SPDX-License-Identifier: MIT
#include "op/columns.h"

#include "column_group.h"

#define MAX_LANES 64
#define MAX_BLOCKS 8 // lib/rows.glsl: divides 8
#define CHUNK_BYTES 32768 // enough work for a workgroup; while it goes over the rows once for each vector of columns, they stay in its cache

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

uint32_t op_columns_chunk_software(uint32_t rows, uint32_t channels, uint32_t most)
{
    const uint32_t least = CHUNK_BYTES / 4 / channels, each = (rows - 1) / most + 1;
    const uint32_t chunk = each > least ? each : least;
    return chunk > 8 ? (chunk + 7) / 8 * 8 : 8; // lib/rows.glsl takes 8 at a time
}

bool op_columns_software(const struct gpu_limits *limits, struct op_shape shape)
{
    const uint32_t lanes = limits->subgroup_size;
    return limits->software && limits->addresses && (lanes == 8 || lanes == 16) && shape.c % lanes == 0 &&
           op_count(shape) / shape.c >= 8; // lib/rows.glsl
}

void op_dispatch_columns(struct gpu_stream *stream, const struct op_call *call, const struct op_columns *columns)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const uint32_t each = op_has_halves(columns->ranges, columns->range_count) ? 2 : 1; // channels of an invocation
    const uint32_t lanes = columns->software ? limits->subgroup_size : op_columns_lanes(columns->channels / each);
    const uint32_t groups_x = columns->software ? 1 : (columns->channels / each + lanes - 1) / lanes;
    const bool pairs = columns->pairs && columns->channels % (2 * lanes) == 0 && limits->offset_alignment % 8 == 0;
    uint32_t blocks = pairs ? MAX_BLOCKS / 2 : MAX_BLOCKS;
    while (blocks > 1 && columns->channels % (blocks * lanes * (pairs ? 2 : 1))) blocks /= 2;
    uint32_t spec[3 + OP_COLUMNS_CONSTANTS + 1] = {lanes, columns->variant, blocks};
    for (uint32_t i = 0; i < columns->constant_count; i++) spec[3 + i] = columns->constants[i];
    spec[3 + OP_COLUMNS_CONSTANTS] = pairs;
    struct gpu_range ranges[GPU_MAX_BINDINGS];
    double bytes = 0;
    for (uint32_t i = 0; i < columns->range_count; i++) {
        ranges[i] = columns->ranges[i];
        bytes += (double)ranges[i].size;
    }
    if (columns->accumulates) bytes += (double)ranges[columns->range_count - 1].size;
    const bool bound = columns->software && !columns->in_place;
    if (bound) ranges[columns->range_count] = ranges[columns->range_count - 1]; // the result by pointer, and bound
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = columns->shader,
                                    .spec = spec,
                                    .spec_count = columns->software ? ARRAY_COUNT(spec) : 2,
                                    .ranges = ranges,
                                    .range_count = columns->range_count + bound,
                                    .push = columns->push,
                                    .push_size = columns->push_size,
                                    .groups = {groups_x, columns->y, columns->z},
                                    .flops = columns->flops,
                                    .bytes = bytes,
                                    .label = call->label,
                                });
}
