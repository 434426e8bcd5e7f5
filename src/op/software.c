// SPDX-License-Identifier: MIT
#include "op/software.h"

#define CHUNK_ROWS 256 // 8 to 16 KiB per operand and workgroup: its start costs little beside that

bool op_lane_rows_offered(const struct gpu_limits *limits, uint64_t count)
{
    const uint64_t rows = count / limits->subgroup_size;
    return count % limits->subgroup_size == 0 && rows <= (uint64_t)OP_COLUMNS_MOST * CHUNK_ROWS &&
           op_columns_software(limits, (struct op_shape){1, 1, (uint32_t)rows, limits->subgroup_size});
}

struct op_columns op_lane_columns(const struct op_lane_rows *rows, const struct gpu_shader *shader, const void *push, uint32_t push_size)
{
    return (struct op_columns){
        .shader = shader,
        .software = true,
        .push = push,
        .push_size = push_size,
        .channels = rows->lanes,
        .y = rows->chunks,
        .z = 1,
    };
}

struct op_lane_rows op_lane_rows(const struct gpu_limits *limits, uint64_t count)
{
    const uint32_t lanes = limits->subgroup_size, rows = (uint32_t)(count / lanes);
    return (struct op_lane_rows){.lanes = lanes, .rows = rows, .chunk_rows = CHUNK_ROWS, .chunks = (rows - 1) / CHUNK_ROWS + 1};
}
