// SPDX-License-Identifier: MIT
// Mean and biased variance of each channel over all pixels: a pass over the tensor of its own.
#ifndef OP_MOMENTS_H
#define OP_MOMENTS_H

#include "batch_norm.h"
#include "op/op.h"

// Every function with `software` uses kernels of op_columns_software if that is set; for the same call, it is the same everywhere.
// Rows in chunks for a kernel that walks over columns: an invocation meets about `each` rows, and there are at most `most_chunks`.
struct batch_norm_push op_moments_push(struct op_shape x, const struct op_attr *attr, uint32_t each, uint32_t most_chunks, bool software);
void op_moments_dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, uint32_t variant,
                         bool software, const struct gpu_range *ranges, uint32_t range_count, const struct batch_norm_push *push, uint32_t parts);

#define OP_REDUCE_EACH 32 // of kernels that reduce columns: enough work to pay for the tree at the end
#define OP_REDUCE_CHUNKS 256

uint64_t op_moments_workspace(struct op_shape x); // bytes
// moments {1, 1, 2, c} of x.
void op_record_moments(struct gpu_stream *stream, const struct op_call *call, const struct op_tensor *x, struct gpu_range workspace,
                       struct gpu_range moments);
uint64_t op_moments_workspace_by(struct op_shape x, bool software);
void op_record_moments_by(struct gpu_stream *stream, const struct op_call *call, const struct op_tensor *x, struct gpu_range workspace,
                          struct gpu_range moments, bool software);
// Turns moments {1, 1, 2, c} of x into what is applied, saved {1, 1, 4, c}, with wb and attr.eps; moves `running` where it is not empty.
void op_record_batch_norm_coef(struct gpu_stream *stream, const struct op_call *call, struct op_shape x, struct gpu_range moments,
                               struct gpu_range wb, struct gpu_range running, struct gpu_range saved);

#endif
