// SPDX-License-Identifier: MIT
// Records the kernels whose rows are pixels (shaders/lib/conv2d_pixels.glsl).
#include "op/convolution.h"

#include "shaders.h"

// One dispatch per part of the batch; `p` describes all of it.
static void record(struct gpu_stream *stream, const struct op_call *call, const struct conv2d_push *p, bool dx)
{
    const struct gpu_shader *shaders[2][2] = {{&shader_conv2d, &shader_conv2d_vec4}, {&shader_conv2d_dx, &shader_conv2d_dx_vec4}};
    const struct op_tensor *in = &call->in[0], *w = &call->in[1], *out = &call->out[0];
    const bool bias = call->in_count > 2 && call->in[2].range.buffer;
    const uint64_t in_image = op_bytes(in->shape) / p->n, out_image = op_bytes(out->shape) / p->n;
    const uint32_t phases = dx ? p->sh * p->sw : 1;
    const uint32_t phase_pixels = dx ? (p->xh + p->sh - 1) / p->sh * ((p->xw + p->sw - 1) / p->sw) : p->yh * p->yw;
    const uint32_t most = conv_images_per_dispatch(gpu_get_limits(call->gpu), p);
    for (uint32_t first = 0; first < p->n; first += most) {
        struct conv2d_push part = *p;
        part.n = p->n - first < most ? p->n - first : most;
        part.bias = bias;
        const struct gpu_range ranges[] = {
            op_slice(in->range, first * in_image, part.n * in_image),
            w->range,
            bias ? call->in[2].range : w->range, // something must be bound
            op_slice(out->range, first * out_image, part.n * out_image),
        };
        const struct conv_product product = {
            .rows = part.n * phase_pixels,
            .columns = out->shape.c / p->groups,
            .depth = in->shape.c / p->groups * p->kh * p->kw / phases,
            .count = p->groups * phases,
        };
        conv_dispatch(stream, call, shaders[dx][conv_vectorizes(p)], &part, &product, call->accumulate & 1, ranges, ARRAY_COUNT(ranges));
    }
}

static struct conv2d_push forward_geometry(const struct op_call *call)
{
    return conv_geometry(call->attr, call->in[0].shape, call->in[1].shape, call->out[0].shape);
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
