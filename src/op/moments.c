// SPDX-License-Identifier: MIT
#include "op/moments.h"

#include "op/columns.h"
#include "shaders.h"

struct batch_norm_push op_moments_push(struct op_shape x, const struct op_attr *attr, uint32_t each, uint32_t most_chunks,
                                       bool software)
{
    const uint32_t rows = (uint32_t)(op_count(x) / x.c), chunk_rows =
        software ? op_columns_chunk_software(rows, x.c, most_chunks) : op_columns_chunk(rows, x.c, each, most_chunks);
    return (struct batch_norm_push){
        .rows = rows,
        .channels = x.c,
        .chunk_rows = chunk_rows,
        .chunks = (rows - 1) / chunk_rows + 1,
        .eps = attr->eps,
        .momentum = attr->momentum,
    };
}

void op_moments_dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, uint32_t variant,
                         bool software, const struct gpu_range *ranges, uint32_t range_count, const struct batch_norm_push *push, uint32_t parts)
{
    op_dispatch_columns(stream, call, &(struct op_columns){
                                          .shader = shader,
                                          .variant = variant,
                                          .software = software,
                                          .ranges = ranges,
                                          .range_count = range_count,
                                          .push = push,
                                          .push_size = sizeof *push,
                                          .channels = push->channels,
                                          .y = parts,
                                          .z = 1,
                                          .accumulates = variant & BATCH_NORM_ACCUMULATE,
                                          .flops = 4.0 * push->channels * push->chunk_rows * parts,
                                      });
}

uint64_t op_moments_workspace_by(struct op_shape x, bool software)
{
    const struct batch_norm_push push = op_moments_push(x, &(struct op_attr){0}, OP_REDUCE_EACH, OP_REDUCE_CHUNKS, software);
    return 8ull * push.chunks * push.channels;
}

void op_record_moments_by(struct gpu_stream *stream, const struct op_call *call, const struct op_tensor *x, struct gpu_range workspace,
                          struct gpu_range moments, bool software)
{
    const struct batch_norm_push push = op_moments_push(x->shape, call->attr, OP_REDUCE_EACH, OP_REDUCE_CHUNKS, software);
    const struct gpu_range partial = op_slice(workspace, 0, op_moments_workspace_by(x->shape, software));
    op_moments_dispatch(stream, call, OP_COLUMNS_SHADER(batch_norm_stats, software), 0, software, (const struct gpu_range[]){x->range, partial}, 2, &push, push.chunks);
    op_moments_dispatch(stream, call, &shader_batch_norm_finalize, 0, false, (const struct gpu_range[]){partial, moments}, 2, &push, 1);
}

uint64_t op_moments_workspace(struct op_shape x)
{
    return op_moments_workspace_by(x, false);
}

void op_record_moments(struct gpu_stream *stream, const struct op_call *call, const struct op_tensor *x, struct gpu_range workspace,
                       struct gpu_range moments)
{
    op_record_moments_by(stream, call, x, workspace, moments, false);
}

void op_record_batch_norm_coef(struct gpu_stream *stream, const struct op_call *call, struct op_shape x, struct gpu_range moments,
                               struct gpu_range wb, struct gpu_range running, struct gpu_range saved)
{
    const struct batch_norm_push push = op_moments_push(x, call->attr, OP_REDUCE_EACH, OP_REDUCE_CHUNKS, false);
    // Not a dummy for what the kernel may write: those are shared.
    const struct gpu_range ranges[] = {moments, wb, running.buffer ? running : saved, saved};
    op_moments_dispatch(stream, call, &shader_batch_norm_coef, running.buffer != NULL, false, ranges, ARRAY_COUNT(ranges), &push, 1);
}
