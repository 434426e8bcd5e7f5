// SPDX-License-Identifier: MIT
#include "op/slices.h"

#include "op/columns.h"
#include "shaders.h"
#include "slice_sum.h"

#define CHUNK_ELEMENTS 8192  // that a workgroup reads
#define CHUNK_UNIT (8 * 16)  // columns: of the most vectors side by side

static uint32_t parts_of(uint32_t rows, uint32_t part)
{
    return (rows - 1) / part + 1;
}

void op_slice_sum(struct gpu_stream *stream, const struct op_call *call, struct gpu_range x, uint32_t rows, uint32_t columns, uint32_t part,
                  struct gpu_range y, bool accumulate)
{
    const struct slice_sum_push push = {
        .count = columns * parts_of(rows, part),
        .rows = rows,
        .columns = columns,
        .part = part,
    };
    const double elements = (double)rows * columns;
    op_dispatch_1d(stream, call, &shader_slice_sum, (uint32_t[]){accumulate}, 1, (struct gpu_range[]){x, y}, 2, &push, sizeof push,
                   push.count, elements, 4 * (elements + push.count));
}

// Columns of a workgroup, so that there are not more workgroups than fit.
static uint32_t chunk_of(uint32_t columns, uint32_t part)
{
    const uint32_t wanted = CHUNK_ELEMENTS / part, least = (columns - 1) / OP_COLUMNS_MOST + 1;
    const uint32_t chunk = wanted > least ? wanted : least;
    return chunk < CHUNK_UNIT ? CHUNK_UNIT : (chunk + CHUNK_UNIT - 1) / CHUNK_UNIT * CHUNK_UNIT;
}

void op_slice_sum_software(struct gpu_stream *stream, const struct op_call *call, struct gpu_range x, uint32_t rows, uint32_t columns,
                           uint32_t part, struct gpu_range y, bool accumulate)
{
    const uint32_t lanes = gpu_get_limits(call->gpu)->subgroup_size;
    if (columns % lanes || parts_of(rows, part) > OP_COLUMNS_MOST) {
        op_slice_sum(stream, call, x, rows, columns, part, y, accumulate);
        return;
    }
    const struct slice_sum_push push = {.rows = rows, .columns = columns, .part = part, .chunk = chunk_of(columns, part)};
    op_dispatch_columns(stream, call, &(struct op_columns){
                                          .shader = &shader_slice_sum_software,
                                          .variant = accumulate,
                                          .software = true,
                                          .accumulates = accumulate,
                                          .ranges = (const struct gpu_range[]){x, y},
                                          .range_count = 2,
                                          .push = &push,
                                          .push_size = sizeof push,
                                          .channels = columns,
                                          .y = (columns - 1) / push.chunk + 1,
                                          .z = parts_of(rows, part),
                                          .flops = (double)rows * columns,
                                      });
}
