// SPDX-License-Identifier: MIT
// Records the kernels whose rows are pixels (shaders/lib/conv2d_pixels.glsl). They bind three operands; of bias, residual and skip one
// goes in there, and what remains is a second pass over the result.
#include "op/convolution.h"

#include "conv2d_epilogue.h"
#include "shaders.h"

enum { BIAS = 2, RESIDUAL, SKIP }; // operands

static bool has(const struct op_call *call, uint32_t operand)
{
    return call->in_count > operand && call->in[operand].range.buffer;
}

static enum conv_extra choose_extra(const struct op_call *call)
{
    if (has(call, SKIP)) return CONV_EXTRA_SKIP;
    if (has(call, BIAS)) return CONV_EXTRA_BIAS;
    return has(call, RESIDUAL) ? CONV_EXTRA_RESIDUAL : CONV_EXTRA_NONE;
}

static bool has_epilogue(const struct op_call *call, enum conv_extra extra)
{
    return (extra < CONV_EXTRA_RESIDUAL && has(call, RESIDUAL)) || (extra == CONV_EXTRA_SKIP && (has(call, RESIDUAL) || has(call, BIAS)));
}

// A tensor's images from `first` on.
static struct gpu_range images(const struct op_tensor *tensor, uint32_t first, uint32_t count)
{
    const uint64_t image = op_bytes(tensor->shape) / tensor->shape.n;
    return op_slice(tensor->range, first * image, count * image);
}

static struct gpu_range extra_range(const struct op_call *call, enum conv_extra extra, uint32_t first, uint32_t count)
{
    switch (extra) {
    case CONV_EXTRA_BIAS: return call->in[BIAS].range;
    case CONV_EXTRA_RESIDUAL: return images(&call->in[RESIDUAL], first, count);
    case CONV_EXTRA_SKIP: return images(&call->in[SKIP], first, count);
    default: return (struct gpu_range){0};
    }
}

// y = act(y + bias + residual), of what the kernel has left out.
static void record_epilogue(struct gpu_stream *stream, const struct op_call *call, enum conv_extra extra, struct gpu_range y,
                            uint32_t first, uint32_t count)
{
    const bool bias = extra == CONV_EXTRA_SKIP && has(call, BIAS), residual = has(call, RESIDUAL);
    const uint32_t spec[] = {bias, residual, call->attr->relu};
    const struct op_shape whole = call->out[0].shape;
    const struct conv2d_epilogue_push push = {(uint32_t)(op_count(whole) / whole.n * count), whole.c};
    const struct gpu_range ranges[] = {
        bias ? call->in[BIAS].range : (struct gpu_range){0},
        residual ? images(&call->in[RESIDUAL], first, count) : (struct gpu_range){0},
        y,
    };
    op_dispatch_1d(stream, call, &shader_conv2d_epilogue, spec, ARRAY_COUNT(spec), ranges, ARRAY_COUNT(ranges), &push, sizeof push,
                   push.count, 3.0 * push.count, (double)y.size * (2 + residual));
}

// One dispatch per part of the batch; `p` describes all of it.
static void record(struct gpu_stream *stream, const struct op_call *call, const struct conv2d_push *p, bool dx)
{
    const struct gpu_shader *shaders[2][2] = {{&shader_conv2d, &shader_conv2d_vec4}, {&shader_conv2d_dx, &shader_conv2d_dx_vec4}};
    const struct op_tensor *in = &call->in[0], *w = &call->in[1], *out = &call->out[0];
    const uint32_t phases = dx ? p->sh * p->sw : 1;
    const uint32_t phase_pixels = dx ? (p->xh + p->sh - 1) / p->sh * ((p->xw + p->sw - 1) / p->sw) : p->yh * p->yw;
    const uint32_t most = conv_images_per_dispatch(gpu_get_limits(call->gpu), p), in_c = dx ? p->yc : p->xc;
    const enum conv_extra extra = choose_extra(call);
    const bool epilogue = has_epilogue(call, extra);
    const struct conv_options options = {call->accumulate & 1, extra, call->attr->relu && !epilogue};
    for (uint32_t first = 0; first < p->n; first += most) {
        struct conv2d_push part = *p;
        part.n = p->n - first < most ? p->n - first : most;
        const struct gpu_range ranges[] = {
            images(in, first, part.n),
            w->range,
            extra_range(call, extra, first, part.n),
            images(out, first, part.n),
        };
        const struct conv_product product = {
            .rows = part.n * phase_pixels,
            .columns = out->shape.c / p->groups,
            .depth = in_c / p->groups * p->kh * p->kw / phases,
            .count = p->groups * phases,
        };
        conv_dispatch(stream, call, shaders[dx][conv_vectorizes(p)], &part, &product, options, ranges, ARRAY_COUNT(ranges));
        if (epilogue) record_epilogue(stream, call, extra, ranges[3], first, part.n);
    }
}

static struct conv2d_push forward_geometry(const struct op_call *call)
{
    const struct op_shape skip = has(call, SKIP) ? call->in[SKIP].shape : (struct op_shape){0};
    return conv_gather_geometry(call->attr, call->in[0].shape, skip, call->in[1].shape, call->out[0].shape);
}

static struct conv2d_push dx_geometry(const struct op_call *call)
{
    return conv_geometry(call->attr, call->out[0].shape, call->in[1].shape, call->in[0].shape);
}

void conv_record_forward(struct gpu_stream *stream, const struct op_call *call)
{
    const struct conv2d_push p = forward_geometry(call);
    record(stream, call, &p, false);
}

void conv_record_dx(struct gpu_stream *stream, const struct op_call *call)
{
    const struct conv2d_push p = dx_geometry(call);
    record(stream, call, &p, true);
}

double conv_flops_forward(const struct op_call *call)
{
    const struct conv2d_push p = forward_geometry(call);
    return conv_geometry_flops(&p);
}

double conv_flops_dx(const struct op_call *call)
{
    const struct conv2d_push p = dx_geometry(call);
    return conv_geometry_flops(&p);
}
