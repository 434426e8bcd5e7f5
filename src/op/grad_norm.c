// SPDX-License-Identifier: MIT
// The norm of all gradients, and the factor that clips it, as PyTorch's clip_grad_norm_ does.
// sum_squares: a slice of the gradient slab -> {1,1,1,1024} partial sums. No attributes.
// clip_scale: partial sums, of any number, and where the loss was scaled two scalars, both updated: the loss scale, and the good
// steps since it changed -> {1,1,1,4}: factor, norm, 1 if the norm is finite else 0, and the loss scale of this step or 0. The
// factor divides by the loss scale, the norm is without it.
// Attributes: alpha, the largest norm allowed (0 or below: any). The factor of a norm that is not finite is 1; optimizers do
// nothing then.
#include "grad_norm.h"
#include "op/software.h"
#include "shaders.h"

static void record_reduction(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, uint32_t groups)
{
    const bool clips = shader == &shader_clip_scale, scaled = call->in_count == 3;
    const struct grad_norm_push push = {
        .count = (uint32_t)op_count(call->in[0].shape), .max_norm = call->attr->alpha, .scaled = scaled};
    const struct gpu_range y = call->out[0].range, scale = scaled ? call->in[1].range : y, steps = scaled ? call->in[2].range : y;
    const struct gpu_range ranges[] = {call->in[0].range, y, scale, steps}; // where there is no loss scale, something must be bound
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = shader, .ranges = ranges, .range_count = clips ? 4 : 2,
                                                       .push = &push, .push_size = sizeof push, .groups = {groups, 1, 1},
                                                       .flops = 2.0 * push.count, .bytes = 4.0 * push.count, .label = call->label});
}

static enum nephos_status infer_sum_squares(struct op_infer *info)
{
    info->out[0] = op_vector(SUM_SQUARES_ROWS);
    info->out_count = 1;
    return op_expect_inputs(info, 1);
}

static void record_sum_squares(struct gpu_stream *stream, const struct op_call *call)
{
    record_reduction(stream, call, &shader_sum_squares, SUM_SQUARES_ROWS);
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    const uint32_t lanes = info->limits->subgroup_size;
    (void)needs;
    return op_count(info->in[0]) >= lanes && op_columns_software(info->limits, (struct op_shape){1, 1, SUM_SQUARES_ROWS, lanes});
}

static void record_sum_squares_software(struct gpu_stream *stream, const struct op_call *call)
{
    const struct grad_norm_push push = {.count = (uint32_t)op_count(call->in[0].shape)};
    op_dispatch_columns(stream, call, &(struct op_columns){
                                          .shader = &shader_sum_squares_software,
                                          .software = true,
                                          .ranges = (const struct gpu_range[]){call->in[0].range, call->out[0].range},
                                          .range_count = 2,
                                          .push = &push,
                                          .push_size = sizeof push,
                                          .channels = 1,
                                          .y = SUM_SQUARES_ROWS / SUM_SQUARES_SIDE,
                                          .z = 1,
                                          .flops = 2.0 * push.count,
                                      });
}

static enum nephos_status infer_clip_scale(struct op_infer *info)
{
    enum nephos_status status;
    info->out[0] = op_vector(4);
    info->out_count = 1;
    if (info->in_count != 3) return op_expect_inputs(info, 1);
    TRY(op_expect_inputs(info, 3));
    TRY(op_expect_shape(info, 1, "the loss scale", op_scalar()));
    TRY(op_expect_shape(info, 2, "the number of good steps", op_scalar()));
fail:
    return status;
}

static void record_clip_scale(struct gpu_stream *stream, const struct op_call *call)
{
    record_reduction(stream, call, &shader_clip_scale, 1);
}

const struct op op_sum_squares = {.name = "sum_squares", .infer = infer_sum_squares, .record = record_sum_squares,
                                   .variants = OP_SOFTWARE(offer_software, record_sum_squares_software)};
const struct op op_clip_scale = {.name = "clip_scale", .infer = infer_clip_scale, .record = record_clip_scale};
