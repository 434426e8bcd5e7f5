// SPDX-License-Identifier: MIT
#include "op/slices.h"

#include "shaders.h"
#include "slice_sum.h"

void op_slice_sum(struct gpu_stream *stream, const struct op_call *call, struct gpu_range x, uint32_t rows, uint32_t columns, uint32_t part,
                  struct gpu_range y, bool accumulate)
{
    const struct slice_sum_push push = {
        .count = columns * ((rows + part - 1) / part),
        .rows = rows,
        .columns = columns,
        .part = part,
    };
    const double elements = (double)rows * columns;
    op_dispatch_1d(stream, call, &shader_slice_sum, (uint32_t[]){accumulate}, 1, (struct gpu_range[]){x, y}, 2, &push, sizeof push,
                   push.count, elements, 4 * (elements + push.count));
}
