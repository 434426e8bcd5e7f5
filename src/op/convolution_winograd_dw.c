// SPDX-License-Identifier: MIT
// The gradient of 3x3 weights by F(3x3, 4x4): tiles of x and of dy are transformed, some thousand channels of tiles at a time, and their
// products added up (shaders/winograd4_dw.comp).
#include "op/convolution.h"
#include "op/convolution_software.h"
#include "op/convolution_winograd.h"
#include "op/winograd_tiles.h"
#include "shaders.h"

enum { SKIP = 2, SAVED };

struct plan {
    struct op_shape x, dy; // x gathered
    uint32_t skip_c;
    struct winograd_push p;
    uint32_t most; // tiles at once
};

static struct plan make_plan(const struct gpu_limits *limits, const struct op_attr *attr, struct op_shape x, struct op_shape skip,
                             struct op_shape dy)
{
    struct plan plan = {.x = conv_gathered(attr, x, skip), .dy = dy, .skip_c = skip.c};
    plan.p = winograd_push_of(plan.x, dy, attr->pad);
    plan.most = winograd_tiles_at_once(&plan.p, plan.x.c + dy.c, winograd_scratch_bytes(limits));
    return plan;
}

static uint64_t scratch_bytes(const struct plan *plan, uint32_t channels)
{
    return 4ull * WINOGRAD_POINTS * plan->most * channels;
}

static uint64_t zeros_bytes(const struct plan *plan)
{
    return 4ull * (plan->x.c > plan->dy.c ? plan->x.c : plan->dy.c);
}

static bool offer(const struct op_infer *info, struct op_needs *needs)
{
    const struct op_shape skip = info->in_count > SKIP && info->present[SKIP] ? info->in[SKIP] : (struct op_shape){0};
    const uint32_t width = 2 * info->limits->subgroup_size;
    if (!winograd_applies(info, info->out[0])) return false;
    const struct plan plan = make_plan(info->limits, info->attr, info->in[0], skip, info->in[1]);
    if (plan.x.c % width || plan.skip_c % width || plan.dy.c % width) return false;
    needs->workspace = scratch_bytes(&plan, plan.x.c + plan.dy.c) + zeros_bytes(&plan);
    const uint64_t most = winograd_most_bytes(info->limits);
    return op_bytes(plan.x) <= most && op_bytes(plan.dy) <= most && needs->workspace <= most;
}

// Scratch memory of `tiles` tiles: all of a run of channels lie together.
static void record_side(struct gpu_stream *stream, const struct op_call *call, const struct plan *plan, struct winograd_side side,
                        uint32_t first, uint32_t tiles, struct gpu_range scratch)
{
    struct winograd_push p = plan->p;
    p.first = first;
    p.slots = tiles;
    p.block_step = WINOGRAD_TILES * side.run;
    p.run_step = tiles * side.run;
    p.point_step = tiles * side.shape.c;
    if (side.gradient) {
        p.xh = p.yh;
        p.xw = p.yw;
        p.ph = p.pw = 0;
    }
    winograd_record_input(stream, call, &side, &p, scratch);
}

static void record_products(struct gpu_stream *stream, const struct op_call *call, const struct plan *plan, uint32_t tiles, bool accumulate,
                            struct gpu_range x, struct gpu_range dy)
{
    const uint32_t lanes = gpu_get_limits(call->gpu)->subgroup_size;
    const struct gpu_range ranges[] = {x, dy, call->out[0].range};
    const struct winograd_dw_push push = {.ins = plan->x.c, .outs = plan->dy.c, .tiles = tiles};
    const struct gpu_dispatch dispatch = {
        .shader = &shader_winograd4_dw,
        .spec = (uint32_t[]){lanes, accumulate},
        .spec_count = 2,
        .ranges = ranges,
        .range_count = ARRAY_COUNT(ranges),
        .push = &push,
        .push_size = sizeof push,
        .flops = 2.0 * WINOGRAD_POINTS * tiles * plan->x.c * plan->dy.c,
        .bytes = 4.0 * WINOGRAD_POINTS * tiles * (plan->x.c + plan->dy.c) + (double)call->out[0].range.size,
    };
    conv_software_dispatch(stream, call, dispatch, (uint64_t)plan->dy.c / WINOGRAD_RUN * (plan->x.c / (2 * lanes)));
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_tensor none = {0}, *x = &call->in[0], *dy = &call->in[1], *skip = call->in_count > SKIP ? &call->in[SKIP] : &none;
    const struct plan plan = make_plan(gpu_get_limits(call->gpu), call->attr, x->shape, skip->shape, dy->shape);
    const uint64_t x_bytes = scratch_bytes(&plan, plan.x.c), dy_bytes = scratch_bytes(&plan, plan.dy.c);
    const struct gpu_range x_scratch = op_slice(call->workspace, 0, x_bytes), dy_scratch = op_slice(call->workspace, x_bytes, dy_bytes);
    const struct gpu_range zeros = op_slice(call->workspace, x_bytes + dy_bytes, zeros_bytes(&plan));
    const struct winograd_side read = {
        .shape = plan.x, .x = x->range, .skip = skip->range, .skip_c = plan.skip_c, .shift = call->attr->upsample > 1, .zeros = zeros,
        .run = 2 * gpu_get_limits(call->gpu)->subgroup_size, .prologue = call->attr->prologue,
        .saved = call->in_count > SAVED ? call->in[SAVED].range : (struct gpu_range){0},
    };
    const struct winograd_side gradient = {.shape = plan.dy, .x = dy->range, .zeros = zeros, .run = WINOGRAD_RUN, .gradient = true};
    gpu_stream_fill(stream, zeros, 0);
    for (uint32_t first = 0; first < plan.p.tiles; first += plan.most) {
        const uint32_t left = (plan.p.tiles - first + WINOGRAD_TILES - 1) / WINOGRAD_TILES * WINOGRAD_TILES;
        const uint32_t tiles = left < plan.most ? left : plan.most;
        record_side(stream, call, &plan, read, first, tiles, x_scratch);
        record_side(stream, call, &plan, gradient, first, tiles, dy_scratch);
        record_products(stream, call, &plan, tiles, first > 0 || (call->accumulate & 1), x_scratch, dy_scratch);
    }
}

// As conv_winograd_forward; sums over tiles are as long as those over channels there.
#define ROUNDING 1.5e-5

const struct op_variant conv_winograd_dw[] = {
    {"software-winograd4", OP_FAMILY_SOFTWARE, ROUNDING, offer, NULL, record},
    {0},
};
