// SPDX-License-Identifier: MIT
// Forward and input gradient by F(4x4, 3x3). The gradient is a convolution of dy with the kernel turned by 180 degrees, where input and
// output channels change places and the padding is what is left of 2.
#include "op/convolution_winograd.h"

#include "op/columns.h"
#include "op/convolution.h"
#include "op/convolution_software.h"
#include "op/moments.h"
#include "op/winograd_tiles.h"
#include "shaders.h"

enum { WASTE = 64 };

// What the kernel computes, from whichever operator.
struct product {
    struct op_shape x, y;   // as the kernel reads and writes them; x gathered
    uint32_t skip_c, shift; // of x
    uint32_t pad[2];
    bool relu;
};

static struct winograd_push push_of(const struct product *m)
{
    struct winograd_push p = winograd_push_of(m->x, m->y, m->pad);
    p.zeros = WINOGRAD_POINTS * m->x.c * m->y.c;
    p.run_step = WINOGRAD_TILES * WINOGRAD_RUN;
    p.point_step = WINOGRAD_TILES * m->x.c;
    p.block_step = WINOGRAD_POINTS * p.point_step;
    return p;
}

// Tiles that are transformed before they are multiplied.
static uint32_t tiles_at_once(const struct gpu_limits *limits, const struct product *m, const struct winograd_push *p)
{
    return winograd_tiles_at_once(p, m->x.c, winograd_scratch_bytes(limits));
}

static uint64_t scratch_bytes(const struct product *m, uint32_t tiles)
{
    return 4ull * WINOGRAD_POINTS * tiles * m->x.c;
}

static bool offer(const struct op_infer *info, const struct product *m, struct op_needs *needs)
{
    const uint32_t lanes = info->limits->subgroup_size;
    if (m->x.c % (2 * lanes) || m->skip_c % (2 * lanes) || m->y.c % (2 * lanes)) return false;
    needs->prepared = 4 * (WINOGRAD_POINTS * (uint64_t)m->x.c * m->y.c + m->x.c);
    const uint64_t most = winograd_most_bytes(info->limits);
    if (op_bytes(m->x) > most || op_bytes(m->y) > most || needs->prepared > most) return false;
    const struct winograd_push p = push_of(m);
    needs->workspace = scratch_bytes(m, tiles_at_once(info->limits, m, &p)) + 4ull * WASTE * 2 * lanes;
    return needs->workspace <= most;
}

static void prepare(struct gpu_stream *stream, const struct op_call *call, const struct product *m, bool dx)
{
    const uint32_t lanes = gpu_get_limits(call->gpu)->subgroup_size, spec[] = {lanes, dx};
    const struct winograd_weights_push p = {
        .outs = m->y.c, .ins = m->x.c,
        .out_step = dx ? 1 : 9 * m->x.c, .in_step = dx ? 9 * m->y.c : 1, .tap_step = dx ? m->y.c : m->x.c,
        .groups = m->x.c / lanes * (m->y.c / (2 * lanes)),
    };
    const struct gpu_range ranges[] = {call->in[1].range, op_slice(call->prepared, 0, 4ull * (WINOGRAD_POINTS * p.outs + 1) * p.ins)};
    const struct gpu_dispatch dispatch = {
        .shader = &shader_winograd4_weights,
        .spec = spec,
        .spec_count = ARRAY_COUNT(spec),
        .ranges = ranges,
        .range_count = ARRAY_COUNT(ranges),
        .push = &p,
        .push_size = sizeof p,
        .flops = 100.0 * p.outs * p.ins,
        .bytes = 180.0 * p.outs * p.ins,
    };
    conv_software_dispatch(stream, call, dispatch, p.groups);
}

static struct op_tensor operand(const struct op_call *call, uint32_t i)
{
    return i < call->in_count ? call->in[i] : (struct op_tensor){0};
}

static void record_output(struct gpu_stream *stream, const struct op_call *call, const struct product *m, const struct winograd_push *p,
                          struct gpu_range scratch, struct gpu_range waste)
{
    const struct op_tensor bias = operand(call, 2), residual = operand(call, 3);
    const uint32_t lanes = gpu_get_limits(call->gpu)->subgroup_size, columns = m->y.c / (2 * lanes);
    const uint32_t blocks = (p->slots + WINOGRAD_TILES - 1) / WINOGRAD_TILES;
    const uint32_t spec[] = {lanes, m->x.c, m->y.c, bias.shape.n > 0, residual.shape.n > 0, m->relu, call->accumulate & 1};
    const struct gpu_range ranges[] = {scratch, call->prepared, bias.range, residual.range, waste, call->out[0].range};
    const struct gpu_dispatch dispatch = {
        .shader = &shader_winograd4_output,
        .spec = spec,
        .spec_count = ARRAY_COUNT(spec),
        .ranges = ranges,
        .range_count = ARRAY_COUNT(ranges),
        .push = p,
        .push_size = sizeof *p,
        .flops = 2.0 * WINOGRAD_POINTS * p->slots * m->x.c * m->y.c,
        .bytes = 4.0 * p->slots * (WINOGRAD_POINTS * m->x.c + 16.0 * m->y.c),
    };
    conv_software_dispatch(stream, call, dispatch, (uint64_t)blocks * columns);
}

static void record(struct gpu_stream *stream, const struct op_call *call, const struct product *m)
{
    struct winograd_push p = push_of(m);
    const uint32_t most = tiles_at_once(gpu_get_limits(call->gpu), m, &p);
    const uint64_t size = scratch_bytes(m, most);
    const struct gpu_range scratch = op_slice(call->workspace, 0, size);
    const struct gpu_range waste = op_slice(call->workspace, size, 4ull * WASTE * 2 * gpu_get_limits(call->gpu)->subgroup_size);
    const struct winograd_side side = {
        .shape = m->x, .x = call->in[0].range, .skip = operand(call, 4).range, .skip_c = m->skip_c, .shift = m->shift,
        .zeros = call->prepared, .run = WINOGRAD_RUN, .prologue = call->attr->prologue, .saved = operand(call, 5).range,
    };
    for (; p.first < p.tiles; p.first += most) {
        p.slots = p.tiles - p.first < most ? p.tiles - p.first : most;
        winograd_record_input(stream, call, &side, &p, scratch);
        record_output(stream, call, m, &p, scratch, waste);
    }
}

// --- conv2d -----------------------------------------------------------------------------------------------------------

static struct product forward(const struct op_attr *attr, struct op_shape x, struct op_shape skip, struct op_shape y)
{
    return (struct product){
        .x = conv_gathered(attr, x, skip), .y = y, .skip_c = skip.c, .shift = attr->upsample > 1, .pad = {attr->pad[0], attr->pad[1]},
        .relu = attr->relu};
}

static bool offer_forward(const struct op_infer *info, struct op_needs *needs)
{
    const struct op_shape skip = info->in_count > 4 && info->present[4] ? info->in[4] : (struct op_shape){0};
    const struct product m = forward(info->attr, info->in[0], skip, info->out[0]);
    if (!winograd_applies(info, info->in[1]) || !offer(info, &m, needs)) return false;
    const bool columns = op_columns_software(info->limits, info->out[0]);
    const uint64_t moments = info->attr->stats ? op_moments_workspace_by(info->out[0], columns) : 0;
    if (needs->workspace < moments) needs->workspace = moments;
    return true;
}

static struct product forward_of(const struct op_call *call)
{
    return forward(call->attr, call->in[0].shape, operand(call, 4).shape, call->out[0].shape);
}

static void prepare_forward(struct gpu_stream *stream, const struct op_call *call)
{
    const struct product m = forward_of(call);
    prepare(stream, call, &m, false);
}

static void record_forward(struct gpu_stream *stream, const struct op_call *call)
{
    const struct product m = forward_of(call);
    record(stream, call, &m);
    const bool columns = op_columns_software(gpu_get_limits(call->gpu), call->out[0].shape);
    if (call->attr->stats) op_record_moments_by(stream, call, &call->out[0], call->workspace, call->out[1].range, columns);
}

// --- conv2d_dx --------------------------------------------------------------------------------------------------------

static struct product backward(const struct op_attr *attr, struct op_shape dy, struct op_shape dx)
{
    return (struct product){.x = dy, .y = dx, .pad = {2 - attr->pad[0], 2 - attr->pad[1]}};
}

static bool offer_dx(const struct op_infer *info, struct op_needs *needs)
{
    if (!winograd_applies(info, info->in[1])) return false;
    const struct product m = backward(info->attr, info->in[0], info->out[0]);
    return offer(info, &m, needs);
}

static void prepare_dx(struct gpu_stream *stream, const struct op_call *call)
{
    const struct product m = backward(call->attr, call->in[0].shape, call->out[0].shape);
    prepare(stream, call, &m, true);
}

static void record_dx(struct gpu_stream *stream, const struct op_call *call)
{
    const struct product m = backward(call->attr, call->in[0].shape, call->out[0].shape);
    record(stream, call, &m);
}

// The transforms add and subtract what mostly cancels: with these points the deviation of random operands has an rms of 6e-7 of that of y
// (32 channels) to 2.3e-6 (512), as simulated in single precision, three times that of a direct sum; the largest of some thousand
// elements, and of a few whose largest is small, is five times that.
#define ROUNDING 1.5e-5

const struct op_variant conv_winograd_forward[] = {
    {"software-winograd4", OP_FAMILY_SOFTWARE, ROUNDING, offer_forward, prepare_forward, record_forward},
    {0},
};
const struct op_variant conv_winograd_dx[] = {
    {"software-winograd4", OP_FAMILY_SOFTWARE, ROUNDING, offer_dx, prepare_dx, record_dx},
    {0},
};
