// SPDX-License-Identifier: MIT
#include "op/winograd_tiles.h"

#include "op/convolution_software.h"
#include "shaders.h"

bool winograd_applies(const struct op_infer *info, struct op_shape w)
{
    const struct op_attr *attr = info->attr;
    // Without uniform loads these long kernels would only take the compiler's time. Two floats are stored as one number.
    bool fits = conv_software_runs(info->limits) && info->limits->uniform_loads && info->limits->offset_alignment % 8 == 0;
    fits &= w.h == 3 && w.w == 3 && attr->groups <= 1;
    for (int i = 0; i < 2; i++) fits &= attr->stride[i] <= 1 && attr->dilation[i] <= 1 && attr->pad[i] <= 2;
    return fits;
}

uint64_t winograd_most_bytes(const struct gpu_limits *limits)
{
    return limits->max_binding_size < INT32_MAX ? limits->max_binding_size : INT32_MAX;
}

uint64_t winograd_scratch_bytes(const struct gpu_limits *limits)
{
    const uint64_t cached = UINT64_C(8) << 20, share = limits->max_binding_size / 16;
    return cached < share ? cached : share;
}

struct winograd_push winograd_push_of(struct op_shape x, struct op_shape y, const uint32_t pad[2])
{
    const uint32_t th = (y.h + WINOGRAD_SIDE - 1) / WINOGRAD_SIDE, tw = (y.w + WINOGRAD_SIDE - 1) / WINOGRAD_SIDE;
    return (struct winograd_push){
        .xh = x.h, .xw = x.w, .yh = y.h, .yw = y.w, .ph = pad[0], .pw = pad[1], .th = th, .tw = tw, .tiles = y.n * th * tw,
    };
}

uint32_t winograd_tiles_at_once(const struct winograd_push *p, uint32_t channels, uint64_t size)
{
    const uint64_t blocks = (p->tiles + WINOGRAD_TILES - 1) / WINOGRAD_TILES;
    const uint64_t most = size / (4ull * WINOGRAD_POINTS * WINOGRAD_TILES * channels) + 1, passes = (blocks + most - 1) / most;
    return (uint32_t)((blocks + passes - 1) / passes) * WINOGRAD_TILES;
}

void winograd_record_input(struct gpu_stream *stream, const struct op_call *call, const struct winograd_side *side,
                           const struct winograd_push *p, struct gpu_range scratch)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const uint32_t side_pixels = side->gradient ? WINOGRAD_SIDE : WINOGRAD_SIDE + 2;
    const uint32_t spec[] = {limits->subgroup_size, side->shape.c, side->skip_c, side->shift, side->run, side_pixels,
                             side->prologue};
    const struct gpu_range ranges[] = {side->x, side->skip, side->zeros, scratch, side->saved};
    const struct gpu_dispatch dispatch = {
        .shader = &shader_winograd4_input,
        .spec = spec,
        .spec_count = ARRAY_COUNT(spec),
        .ranges = ranges,
        .range_count = ARRAY_COUNT(ranges),
        .push = p,
        .push_size = sizeof *p,
        .flops = 150.0 * p->slots * side->shape.c,
        .bytes = 4.0 * (16 + WINOGRAD_POINTS) * p->slots * side->shape.c,
    };
    conv_software_dispatch(stream, call, dispatch, p->slots);
}
