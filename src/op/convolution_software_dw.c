// SPDX-License-Identifier: MIT
// Records shaders/software_conv2d_dw.comp: the gradient of the weights, in slices that a second pass adds up in order.
#include "op/convolution.h"
#include "op/convolution_software.h"
#include "op/slices.h"
#include "software_conv2d.h"

#include "shaders.h"

#define SLICE_BYTES (512 << 10)         // of x and dy: what a core's cache holds beside the rest
#define SLICE_PIXELS 1024               // so that adding up the slices takes little time
#define SLICES_BYTES (UINT64_C(32) << 20)
#define LEAST_GROUPS 64                 // so that no core waits long for the last

struct plan {
    struct conv2d_push g;
    uint32_t lanes, block, scalars; // a tile: vectors of one side's channels, scalars of the other's
    bool lanes_x;                   // vectors of x, scalars of dy
    uint32_t v_count, s_count, v_blocks, s_blocks, slices;
};

static uint32_t parts(uint64_t count, uint64_t size)
{
    return (uint32_t)((count + size - 1) / size);
}

// False: that side has too few channels for a vector.
static bool choose_tile(struct plan *plan, bool lanes_x)
{
    plan->lanes_x = lanes_x;
    plan->v_count = lanes_x ? plan->g.xc : plan->g.yc;
    plan->s_count = lanes_x ? plan->g.yc : plan->g.xc;
    if (plan->v_count < plan->lanes) return false;
    plan->block = plan->v_count >= 2 * plan->lanes ? 2 : 1;
    const uint32_t most = plan->block == 1 ? 16 : 8;
    plan->s_blocks = parts(plan->s_count, most);
    plan->scalars = parts(plan->s_count, plan->s_blocks);
    if (plan->scalars <= 4 && plan->v_count >= 4 * plan->lanes) plan->block = 4;
    plan->v_blocks = parts(plan->v_count, plan->lanes * plan->block);
    return true;
}

static double waste(const struct plan *plan)
{
    return (double)plan->v_blocks * plan->lanes * plan->block * plan->s_blocks * plan->scalars;
}

static uint32_t choose_slices(const struct gpu_limits *limits, const struct plan *plan)
{
    const struct conv2d_push *g = &plan->g;
    const uint64_t rows = (uint64_t)g->n * g->yh, row_bytes = 4ull * g->sh * g->xw * g->xc + 4ull * g->yw * g->yc;
    const uint64_t dw_bytes = 4ull * g->yc * g->kh * g->kw * g->xc, tiles = (uint64_t)plan->v_blocks * plan->s_blocks * g->kh * g->kw;
    const uint64_t cached = rows * row_bytes / SLICE_BYTES, worth = rows * g->yw / SLICE_PIXELS, least = LEAST_GROUPS / tiles;
    uint64_t slices = cached < worth ? cached : worth;
    if (slices < least) slices = least;
    const uint64_t most = limits->max_binding_size < SLICES_BYTES ? limits->max_binding_size : SLICES_BYTES;
    if (slices > most / dw_bytes) slices = most / dw_bytes;
    if (slices > rows) slices = rows;
    return slices ? (uint32_t)slices : 1;
}

static bool make_plan(const struct gpu_limits *limits, const struct op_attr *attr, struct op_shape x, struct op_shape dw, struct op_shape dy,
                      struct plan *plan)
{
    *plan = (struct plan){.g = conv_geometry(attr, x, dw, dy), .lanes = limits->subgroup_size};
    if (plan->g.groups > 1 || attr->upsample > 1) return false;
    struct plan other = *plan;
    const bool by_x = choose_tile(plan, true), by_y = choose_tile(&other, false);
    if (by_y && (!by_x || waste(&other) < waste(plan))) *plan = other;
    if (!by_x && !by_y) return false;
    plan->slices = choose_slices(limits, plan);
    return true;
}

static uint64_t zeros_bytes(const struct plan *plan)
{
    const uint32_t most = plan->v_count > plan->s_count ? plan->v_count : plan->s_count;
    return 4 * (uint64_t)((most + 15) / 16 * 16);
}

static uint64_t slices_bytes(const struct plan *plan)
{
    return plan->slices > 1 ? 4ull * plan->slices * plan->v_count * plan->s_count * plan->g.kh * plan->g.kw : 0;
}

static bool offer(const struct op_infer *info, struct op_needs *needs)
{
    struct plan plan;
    if ((info->in_count > 2 && info->present[2]) || info->attr->prologue) return false;
    if (!conv_software_runs(info->limits) || !make_plan(info->limits, info->attr, info->in[0], info->out[0], info->in[1], &plan))
        return false;
    const uint64_t align = info->limits->offset_alignment;
    needs->workspace = (zeros_bytes(&plan) + align - 1) / align * align + slices_bytes(&plan);
    return true;
}

// Steps of the loop over `count` pixels, `unroll` of them at a time, in pixels: what a step costs is that of about three.
static uint32_t cost_of(uint32_t count, uint32_t unroll)
{
    return parts(count, unroll) * (unroll + 3);
}

// Pixels of a row at a time. At the borders of the image most taps miss a pixel of the row.
static uint32_t unroll_of(const struct gpu_limits *limits, uint32_t width)
{
    const uint32_t most = limits->uniform_loads ? 48 : 12; // else long kernels would only take the compiler's time
    uint32_t best = 1, least = UINT32_MAX;
    for (uint32_t unroll = 1; unroll <= most; unroll++) {
        const uint32_t cost = cost_of(width, unroll) + cost_of(width - 1, unroll);
        if (cost > least) continue;
        best = unroll;
        least = cost;
    }
    return best;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_tensor *x = &call->in[0], *dy = &call->in[1], *dw = &call->out[0];
    struct plan plan;
    make_plan(gpu_get_limits(call->gpu), call->attr, x->shape, dw->shape, dy->shape, &plan);
    const struct conv2d_push *g = &plan.g;
    const uint64_t slices = slices_bytes(&plan);
    const struct gpu_range zeros = op_slice(call->workspace, 0, zeros_bytes(&plan));
    const struct gpu_range to = slices ? op_slice(call->workspace, call->workspace.size - slices, slices) : dw->range;
    const bool accumulate = call->accumulate & 1;
    const struct software_dw_push push = {
        .images = g->n, .ins = g->xc, .outs = g->yc, .taps = g->kh * g->kw, .kernel_w = g->kw,
        .v_blocks = plan.v_blocks, .s_blocks = plan.s_blocks, .slices = plan.slices,
        .h = {g->xh, g->yh, g->sh, g->ph, g->dh},
        .w = {g->xw, g->yw, g->sw, g->pw, g->dw},
    };
    const uint32_t x_step = g->sw * g->xc, v_step = plan.lanes_x ? x_step : g->yc, s_step = plan.lanes_x ? g->yc : x_step;
    const struct gpu_range v = plan.lanes_x ? x->range : dy->range, s = plan.lanes_x ? dy->range : x->range;
    const struct gpu_dispatch dispatch = {
        .shader = &shader_software_conv2d_dw,
        .spec = (uint32_t[]){plan.lanes, plan.scalars, plan.block, unroll_of(gpu_get_limits(call->gpu), g->yw), v_step, s_step,
                             plan.lanes_x, accumulate && !slices},
        .spec_count = 8,
        .ranges = (struct gpu_range[]){v, s, zeros, to},
        .range_count = 4,
        .push = &push,
        .push_size = sizeof push,
        .flops = conv_geometry_flops(g),
        .bytes = (double)(v.size + s.size + to.size),
    };
    gpu_stream_fill(stream, zeros, 0);
    conv_software_dispatch(stream, call, dispatch, (uint64_t)push.v_blocks * push.s_blocks * push.taps * push.slices);
    if (slices) op_slice_sum_software(stream, call, to, plan.slices, (uint32_t)op_count(dw->shape), plan.slices, dw->range, accumulate);
}

const struct op_variant conv_software_dw[] = {
    {"software-direct", OP_FAMILY_SOFTWARE, 0, offer, NULL, record},
    {0},
};
