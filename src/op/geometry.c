// SPDX-License-Identifier: MIT
#include "op/geometry.h"

#include "op/columns.h"
#include "shaders.h"
#include "spatial.h"

enum nephos_status op_spatial_output(struct op_infer *info, uint32_t h, uint32_t w)
{
    if (!h || !w) return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: target size %ux%u is empty", info->label, h, w);
    if (h > OP_COLUMNS_MOST || info->in[0].n > OP_COLUMNS_MOST)
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u images of height %u; at most %u of each", info->label, info->in[0].n, h,
                         OP_COLUMNS_MOST);
    info->out_count = 1;
    info->out[0] = (struct op_shape){info->in[0].n, h, w, info->in[0].c};
    return op_check_count(info, info->out[0]);
}

enum nephos_status op_pool_windows(const struct op_infer *info, int axis, uint32_t size, uint32_t *windows)
{
    const struct op_attr *a = info->attr;
    const uint32_t kernel = a->kernel[axis], pad = a->pad[axis], stride = a->stride[axis] ? a->stride[axis] : kernel;
    if (!kernel || pad > kernel / 2 || kernel > UINT16_MAX || stride > UINT16_MAX || size > UINT32_MAX / 4) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT,
                         "%s: kernel %u, stride %u, padding %u; need a kernel of 1 or more and at most half of it as padding", info->label,
                         kernel, stride, pad);
    }
    if (size + 2 * pad < kernel) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: a window of %u does not fit into %u elements with padding %u", info->label,
                         kernel, size, pad);
    }
    *windows = (size + 2 * pad - kernel) / stride + 1;
    return NEPHOS_OK;
}

enum nephos_status op_infer_pool(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    uint32_t h = 0, w = 0;
    TRY(op_expect_inputs(info, 1));
    TRY(op_pool_windows(info, 0, info->in[0].h, &h));
    TRY(op_pool_windows(info, 1, info->in[0].w, &w));
    TRY(op_spatial_output(info, h, w));
fail:
    return status;
}

enum nephos_status op_infer_pool_bwd(struct op_infer *info, uint32_t dy)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t *size = info->attr->size;
    struct op_shape y = info->in[dy];
    TRY(op_expect_inputs(info, dy + 1));
    TRY(op_pool_windows(info, 0, size[0], &y.h));
    TRY(op_pool_windows(info, 1, size[1], &y.w));
    TRY(op_expect_shape(info, dy, "dy", y));
    TRY(op_spatial_output(info, size[0], size[1]));
fail:
    return status;
}

static struct spatial_push make_push(const struct op_attr *a, struct op_shape x, struct op_shape y)
{
    return (struct spatial_push){
        .c = x.c,
        .xh = x.h,
        .xw = x.w,
        .yh = y.h,
        .yw = y.w,
        .kh = a->kernel[0],
        .kw = a->kernel[1],
        .sh = a->stride[0] ? a->stride[0] : a->kernel[0],
        .sw = a->stride[1] ? a->stride[1] : a->kernel[1],
        .ph = a->pad[0],
        .pw = a->pad[1],
        .y_channels = y.c,
    };
}

static void dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader,
                     const struct spatial_push *push, bool software)
{
    const struct op_shape made = call->out[0].shape;
    const uint32_t constants[] = {push->kh, push->kw, push->sh, push->sw};
    struct gpu_range ranges[OP_MAX_INPUTS + 1];
    for (uint32_t i = 0; i < call->in_count; i++) ranges[i] = call->in[i].range;
    ranges[call->in_count] = call->out[0].range;
    op_dispatch_columns(stream, call, &(struct op_columns){
                                          .shader = shader,
                                          .variant = call->accumulate & 1,
                                          .software = software,
                                          .pairs = shader == &shader_upsample_nearest_software && push->y_channels % 2 == 0,
                                          .accumulates = call->accumulate & 1,
                                          .ranges = ranges,
                                          .range_count = call->in_count + 1,
                                          .constants = constants,
                                          .constant_count = ARRAY_COUNT(constants),
                                          .push = push,
                                          .push_size = sizeof *push,
                                          .channels = push->c,
                                          .y = made.h,
                                          .z = made.n,
                                          .flops = (double)op_count(made) * (push->kh ? push->kh * push->kw : 1),
                                      });
}

void op_record_spatial_fwd(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, bool software)
{
    const struct spatial_push push = make_push(call->attr, call->in[0].shape, call->out[0].shape);
    dispatch(stream, call, shader, &push, software);
}

bool op_offer_spatial(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return op_columns_software(info->limits, info->out[0]);
}

void op_record_spatial_bwd(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, bool software)
{
    const struct spatial_push push = make_push(call->attr, call->out[0].shape, call->in[call->in_count - 1].shape);
    dispatch(stream, call, shader, &push, software);
}

struct op_attr op_spatial_bwd_attr(const struct op_grad *g)
{
    struct op_attr attr = *g->attr;
    attr.size[0] = g->in_shape[0].h;
    attr.size[1] = g->in_shape[0].w;
    return attr;
}

void op_grad_spatial(struct op_grad *g, const char *backward)
{
    const struct op_attr attr = op_spatial_bwd_attr(g);
    if (g->want[0]) g->emit(g, backward, &attr, (const op_id[]){g->dout[0]}, 1, (const int[]){0}, 1, NULL);
}
