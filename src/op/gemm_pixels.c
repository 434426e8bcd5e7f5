// SPDX-License-Identifier: MIT
// The forward pass and the gradient of the input with tiles in shared memory (shaders/lib/gemm_pixels.glsl).
#include "op/gemm.h"
#include "op/moments.h"

#include "shaders.h"

static const struct gemm_shaders forward_shaders = GEMM_SHADERS(conv2d), dx_shaders = GEMM_SHADERS(conv2d_dx);

enum { BIAS = 2, RESIDUAL, SKIP, SAVED }; // operands

static bool has(const struct op_call *call, uint32_t operand)
{
    return call->in_count > operand && call->in[operand].range.buffer;
}

static struct conv2d_push dx_geometry(const struct op_attr *attr, struct op_shape dy, struct op_shape w, struct op_shape dx)
{
    return conv_geometry(attr, dx, w, dy);
}

static struct conv2d_push geometry(const struct op_call *call, bool dx)
{
    const struct op_shape in = call->in[0].shape, w = call->in[1].shape, out = call->out[0].shape;
    if (dx) return dx_geometry(call->attr, in, w, out);
    return conv_gather_geometry(call->attr, in, has(call, SKIP) ? call->in[SKIP].shape : (struct op_shape){0}, w, out);
}

// Rows are the pixels of a phase.
static struct conv_product product_of(const struct conv2d_push *p, bool dx)
{
    const uint32_t phases = dx ? p->sh * p->sw : 1, in_c = dx ? p->yc : p->xc, out_c = dx ? p->xc : p->yc;
    const uint32_t pixels = dx ? (p->xh + p->sh - 1) / p->sh * ((p->xw + p->sw - 1) / p->sw) : p->yh * p->yw;
    return (struct conv_product){
        .rows = (uint64_t)p->n * pixels,
        .columns = out_c / p->groups,
        .depth = in_c / p->groups * p->kh * p->kw / phases,
        .count = p->groups * phases,
    };
}

bool gemm_offer_dx(const struct gemm_shape *shape, const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    const struct conv2d_push p = dx_geometry(info->attr, info->in[0], info->in[1], info->out[0]);
    const struct conv_product product = product_of(&p, true);
    return gemm_suits(info->limits, shape, &product);
}

bool gemm_offer_forward(const struct gemm_shape *shape, const struct op_infer *info, struct op_needs *needs)
{
    const bool has_skip = info->in_count > SKIP && info->present[SKIP];
    const struct conv2d_push p = conv_gather_geometry(info->attr, info->in[0], has_skip ? info->in[SKIP] : (struct op_shape){0},
                                                      info->in[1], info->out[0]);
    const struct conv_product product = product_of(&p, false);
    if (info->attr->stats) needs->workspace = op_moments_workspace(info->out[0]);
    return gemm_gathers(&p) && gemm_suits(info->limits, shape, &product);
}

static uint32_t take_channels(const struct gemm_shape *shape, const struct conv2d_push *p, uint32_t channels)
{
    const bool whole = channels % shape->k == 0 && p->skip_c % shape->k == 0; // a slice lies within a tap of one tensor
    return whole ? 0 : channels;
}

static void record_part(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call, const struct conv2d_push *p,
                        const struct gpu_range *ranges, bool dx)
{
    const uint32_t in_gc = (dx ? p->yc : p->xc) / p->groups, out_gc = (dx ? p->xc : p->yc) / p->groups;
    const uint32_t spec[] = {p->kh, p->kw, p->sh, p->sw, take_channels(shape, p, in_gc), gemm_up(p), has(call, BIAS), has(call, RESIDUAL),
                             call->attr->prologue};
    gemm_record(stream, call, &(struct gemm_dispatch){
                                  .shaders = dx ? &dx_shaders : &forward_shaders,
                                  .shape = shape,
                                  .p = *p,
                                  .product = product_of(p, dx),
                                  .accumulate = call->accumulate & 1,
                                  .relu = call->attr->relu,
                                  .out_vec = out_gc % 4 == 0,
                                  .spec = spec,
                                  .spec_count = ARRAY_COUNT(spec),
                                  .ranges = ranges,
                                  .range_count = 7,
                              });
}

// A tensor's images from `first` on; nothing of an operand that is absent.
static struct gpu_range images(const struct op_call *call, uint32_t operand, uint32_t first, uint32_t count)
{
    const struct op_tensor *tensor = &call->in[operand];
    if (!has(call, operand)) return (struct gpu_range){0};
    const uint64_t image = op_bytes(tensor->shape) / tensor->shape.n;
    return op_slice(tensor->range, first * image, count * image);
}

// One dispatch per part of the batch.
static void record(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call, bool dx)
{
    const struct op_tensor *out = &call->out[0];
    const struct conv2d_push p = geometry(call, dx);
    const uint64_t out_image = op_bytes(out->shape) / p.n;
    const uint32_t most = conv_images_per_dispatch(gpu_get_limits(call->gpu), &p);
    for (uint32_t first = 0; first < p.n; first += most) {
        struct conv2d_push part = p;
        part.n = p.n - first < most ? p.n - first : most;
        const struct gpu_range ranges[] = {
            images(call, 0, first, part.n),
            call->in[1].range,
            has(call, BIAS) ? call->in[BIAS].range : (struct gpu_range){0},
            op_slice(out->range, first * out_image, part.n * out_image),
            images(call, RESIDUAL, first, part.n),
            images(call, SKIP, first, part.n),
            has(call, SAVED) ? call->in[SAVED].range : (struct gpu_range){0},
        };
        record_part(shape, stream, call, &part, ranges, dx);
    }
}

void gemm_record_forward(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call)
{
    record(shape, stream, call, false);
    if (call->attr->stats) op_record_moments(stream, call, &call->out[0], call->workspace, call->out[1].range);
}

void gemm_record_dx(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call)
{
    record(shape, stream, call, true);
}
