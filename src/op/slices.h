// SPDX-License-Identifier: MIT
// Column sums of a row-major matrix, in parts of `part` rows each: the passes of fixed-order reductions with many columns.
#ifndef OP_SLICES_H
#define OP_SLICES_H

#include "op/op.h"

// y[s][j] = sum over rows i of part s of x[i][j], added to what y holds if `accumulate`. There are ceil(rows / part) parts.
void op_slice_sum(struct gpu_stream *stream, const struct op_call *call, struct gpu_range x, uint32_t rows, uint32_t columns, uint32_t part,
                  struct gpu_range y, bool accumulate);
// The same where variants for software devices run; vectors where the columns are a multiple of a subgroup.
void op_slice_sum_software(struct gpu_stream *stream, const struct op_call *call, struct gpu_range x, uint32_t rows, uint32_t columns,
                           uint32_t part, struct gpu_range y, bool accumulate);

#endif
