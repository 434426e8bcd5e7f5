// SPDX-License-Identifier: MIT
// Reductions over many elements in two passes of fixed order: groups of OP_REDUCE_SIZE invocations leave partial sums, a second
// kernel adds those up.
#ifndef OP_REDUCE_H
#define OP_REDUCE_H

#include "op/op.h"

#define OP_REDUCE_SIZE 128 // invocations per group: REDUCE_SIZE of the kernels

// Groups of the first pass, from 1 to `most`: depends on the count alone, so that the bits do not change with the device.
uint32_t op_reduce_groups(uint64_t count, uint32_t most);

// Second pass: out[j] = scale * sum over i of partial[i][j], for floats.
void op_reduce_columns(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, uint32_t rows, uint32_t columns,
                       float scale, struct gpu_range out);
// The same sums in out[first + j].
void op_reduce_columns_at(struct gpu_stream *stream, const struct op_call *call, struct gpu_range partial, uint32_t rows,
                          uint32_t columns, uint32_t first, struct gpu_range out);

#endif
