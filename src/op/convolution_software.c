// SPDX-License-Identifier: MIT
// Records shaders/software_conv2d.comp: the forward pass and the gradient of the input. Both are sums over taps and channels for each
// pixel written; with a stride the pixels of the gradient fall into phases, each of which has taps of its own and a dispatch.
#include "op/convolution_software.h"

#include "op/convolution.h"
#include "op/columns.h"
#include "op/moments.h"
#include "software_conv2d.h"

#include "shaders.h"

#define MOST_PHASES 16
#define CACHED_WEIGHTS (256 << 10) // bytes that a core keeps beside the rest

enum { BIAS = 2, RESIDUAL, SKIP }; // operands

static bool is_present(const struct op_infer *info, uint32_t operand)
{
    return info->in_count > operand && info->present[operand];
}

static bool has(const struct op_call *call, uint32_t operand)
{
    return call->in_count > operand && call->in[operand].range.buffer;
}

struct plan {
    struct conv2d_push g;
    bool dx;
    uint32_t lanes, block; // vectors of channels
    uint32_t ins, outs;    // channels read and written
    bool pairs;            // two channels are stored as one number
    uint32_t run_unroll, tap_unroll; // most channels of a run, and of a tap at the border, that are written out
};

static struct plan make_plan(const struct gpu_limits *limits, const struct op_attr *attr, struct op_shape in, struct op_shape w,
                             struct op_shape out, bool dx)
{
    struct plan plan = {.dx = dx, .lanes = limits->subgroup_size, .ins = in.c, .outs = out.c};
    plan.g = dx ? conv_geometry(attr, out, w, in) : conv_geometry(attr, in, w, out);
    plan.block = out.c > plan.lanes ? 2 : 1;
    plan.pairs = plan.block == 2 && out.c % 2 == 0 && limits->offset_alignment % 8 == 0;
    plan.run_unroll = limits->uniform_loads ? 96 : 16; // else long kernels would only take the compiler's time
    plan.tap_unroll = limits->uniform_loads ? 64 : 16;
    return plan;
}

static uint32_t blocks_of(const struct plan *plan)
{
    const uint32_t width = plan->lanes * plan->block;
    return (plan->outs + width - 1) / width;
}

// As many as a row of taps reads, for pixels above and below the image.
static uint32_t zeros_of(const struct plan *plan)
{
    return (plan->g.kw * plan->ins + 15) / 16 * 16;
}

static uint64_t packed_bytes(const struct plan *plan)
{
    const uint64_t width = plan->lanes * plan->block;
    return 4 * (zeros_of(plan) + blocks_of(plan) * width * (1 + (uint64_t)plan->g.kh * plan->g.kw * plan->ins));
}

static bool offer(const struct op_infer *info, struct op_needs *needs, bool dx)
{
    if (!conv_software_runs(info->limits) || info->attr->prologue) return false;
    const struct plan plan = make_plan(info->limits, info->attr, info->in[0], info->in[1], info->out[0], dx);
    if (plan.g.groups > 1 || (dx && plan.g.sh * plan.g.sw > MOST_PHASES)) return false;
    if (!dx && is_present(info, RESIDUAL) && plan.outs % plan.lanes != 0) return false;
    if (!dx && (is_present(info, SKIP) || info->attr->upsample > 1)) return false;
    needs->workspace = info->out_count > 1 ? op_moments_workspace_by(info->out[0], op_columns_software(info->limits, info->out[0])) : 0;
    needs->prepared = packed_bytes(&plan);
    return needs->prepared <= info->limits->max_binding_size;
}

// --- packed weights ---------------------------------------------------------------------------------------------------

void conv_software_dispatch(struct gpu_stream *stream, const struct op_call *call, struct gpu_dispatch dispatch, uint64_t groups)
{
    const uint64_t most = gpu_get_limits(call->gpu)->max_group_count[0], x = groups < most ? groups : most;
    dispatch.groups[0] = (uint32_t)x;
    dispatch.groups[1] = (uint32_t)((groups + x - 1) / x);
    dispatch.groups[2] = 1;
    dispatch.label = call->label;
    gpu_stream_dispatch(stream, &dispatch);
}

static struct plan plan_of(const struct op_call *call, bool dx)
{
    return make_plan(gpu_get_limits(call->gpu), call->attr, call->in[0].shape, call->in[1].shape, call->out[0].shape, dx);
}

static void prepare(struct gpu_stream *stream, const struct op_call *call, bool dx)
{
    const struct plan plan = plan_of(call, dx);
    const bool bias = has(call, BIAS);
    const struct gpu_range w = call->in[1].range;
    const uint32_t taps = plan.g.kh * plan.g.kw, groups = taps * ((plan.ins + plan.lanes - 1) / plan.lanes);
    const struct software_pack_push push = {plan.outs, taps, plan.ins, zeros_of(&plan), groups};
    const struct gpu_dispatch dispatch = {
        .shader = &shader_software_conv2d_pack,
        .spec = (uint32_t[]){plan.lanes, plan.block, dx, bias, (dx ? plan.outs : plan.ins) % plan.lanes == 0},
        .spec_count = 5,
        .ranges = (struct gpu_range[]){w, w, bias ? call->in[BIAS].range : w, call->prepared},
        .range_count = 4,
        .push = &push,
        .push_size = sizeof push,
        .flops = (double)packed_bytes(&plan) / 4,
        .bytes = 2 * (double)packed_bytes(&plan),
    };
    conv_software_dispatch(stream, call, dispatch, groups);
}

// --- pixels -----------------------------------------------------------------------------------------------------------

static struct software_axis forward_axis(uint32_t x, uint32_t y, uint32_t kernel, uint32_t stride, uint32_t pad, uint32_t dilation)
{
    return (struct software_axis){
        .grid = y, .size = x, .step = stride, .base = 0u - pad, .slope = dilation, .taps = kernel, .stride = 1, .out_size = y, .out_step = 1};
}

// Pixels of x that are `phase` modulo the stride. The weights are packed in reverse, so that taps ascend in y: tap i of the reversed
// kernel reads (q * stride + phase + pad - (kernel - 1 - i) * dilation) / stride where that is exact.
static struct software_axis dx_axis(uint32_t x, uint32_t y, uint32_t kernel, uint32_t stride, uint32_t pad, uint32_t dilation,
                                    uint32_t phase)
{
    struct software_axis axis = {.grid = x > phase ? (x - phase + stride - 1) / stride : 0,
                                 .size = y, .step = 1, .stride = 1, .out_size = x, .out_step = stride, .out_first = phase};
    const int32_t start = (int32_t)(phase + pad) - (int32_t)((kernel - 1) * dilation);
    while (axis.first < kernel && (start + (int32_t)(axis.first * dilation)) % (int32_t)stride != 0) axis.first++;
    while (axis.stride * dilation % stride != 0) axis.stride++;
    axis.taps = axis.first < kernel ? (kernel - axis.first + axis.stride - 1) / axis.stride : 0;
    axis.base = (uint32_t)((start + (int32_t)(axis.first * dilation)) / (int32_t)stride);
    axis.slope = axis.stride * dilation / stride;
    return axis;
}

// The largest divisor of `length` that is at most `most`: of a loop that long so many steps are written out.
static uint32_t unroll_of(uint32_t length, uint32_t most)
{
    uint32_t unroll = most;
    while (length % unroll) unroll--;
    return unroll;
}

// Accumulators enough to hide the latency, and few enough to stay in registers: as many pixels as end with the rows of the grid, or else
// what wastes least.
static uint32_t pixels_of(const struct plan *plan, uint32_t width)
{
    const uint32_t most = plan->block == 1 ? 12 : 8;
    for (uint32_t pixels = most; pixels >= most / 2; pixels--)
        if (width % pixels == 0) return pixels;
    return most;
}

static void dispatch(struct gpu_stream *stream, const struct op_call *call, const struct plan *plan, struct software_conv2d_push *push,
                     struct gpu_range in, struct gpu_range residual, struct gpu_range out)
{
    const uint32_t pixels = pixels_of(plan, push->w.grid);
    const bool empty = push->h.taps == 0 || push->w.taps == 0, contiguous = push->w.slope == 1 && push->w.stride == 1;
    const uint32_t run = contiguous && !empty ? push->w.taps * plan->ins : plan->ins;
    push->pixels *= push->h.grid * push->w.grid;
    const uint32_t tiles = (push->pixels + pixels - 1) / pixels;
    push->kernel = plan->g.kh * plan->g.kw;
    push->kernel_w = plan->g.kw;
    push->zeros = zeros_of(plan);
    const struct gpu_dispatch dispatch = {
        .shader = &shader_software_conv2d,
        .spec = (uint32_t[]){plan->lanes, pixels, plan->block, unroll_of(plan->ins, plan->tap_unroll), plan->ins, plan->outs,
                             call->accumulate & 1, empty, residual.buffer != NULL, !plan->dx && call->attr->relu, plan->pairs,
                             push->w.step, run, unroll_of(run, plan->run_unroll), packed_bytes(plan) <= CACHED_WEIGHTS},
        .spec_count = 15,
        .ranges = (struct gpu_range[]){in, call->prepared, residual.buffer ? residual : in, out},
        .range_count = 4,
        .push = push,
        .push_size = sizeof *push,
        .flops = 2.0 * push->pixels * push->h.taps * push->w.taps * plan->ins * plan->outs,
        .bytes = (double)(in.size + call->prepared.size + out.size),
    };
    if (push->pixels) conv_software_dispatch(stream, call, dispatch, (uint64_t)blocks_of(plan) * tiles);
}

static void record_part(struct gpu_stream *stream, const struct op_call *call, const struct plan *plan, uint32_t images,
                        struct gpu_range in, struct gpu_range residual, struct gpu_range out)
{
    const struct conv2d_push *g = &plan->g;
    if (!plan->dx) {
        struct software_conv2d_push push = {.pixels = images,
                                            .h = forward_axis(g->xh, g->yh, g->kh, g->sh, g->ph, g->dh),
                                            .w = forward_axis(g->xw, g->yw, g->kw, g->sw, g->pw, g->dw)};
        dispatch(stream, call, plan, &push, in, residual, out);
        return;
    }
    for (uint32_t phase = 0; phase < g->sh * g->sw; phase++) {
        struct software_conv2d_push push = {.pixels = images,
                                            .h = dx_axis(g->xh, g->yh, g->kh, g->sh, g->ph, g->dh, phase / g->sw),
                                            .w = dx_axis(g->xw, g->yw, g->kw, g->sw, g->pw, g->dw, phase % g->sw)};
        dispatch(stream, call, plan, &push, in, residual, out);
    }
}

// A tensor's images from `first` on.
static struct gpu_range images(const struct op_tensor *tensor, uint32_t first, uint32_t count)
{
    const uint64_t image = op_bytes(tensor->shape) / tensor->shape.n;
    return op_slice(tensor->range, first * image, count * image);
}

// One part of the batch after the other where the device cannot bind all of it.
static void record(struct gpu_stream *stream, const struct op_call *call, bool dx)
{
    const struct plan plan = plan_of(call, dx);
    const bool residual = !dx && has(call, RESIDUAL);
    const uint32_t most = conv_images_per_dispatch(gpu_get_limits(call->gpu), &plan.g);
    for (uint32_t first = 0; first < plan.g.n; first += most) {
        const uint32_t count = plan.g.n - first < most ? plan.g.n - first : most;
        record_part(stream, call, &plan, count, images(&call->in[0], first, count),
                    residual ? images(&call->in[RESIDUAL], first, count) : (struct gpu_range){0}, images(&call->out[0], first, count));
    }
    if (call->out_count > 1) {
        op_record_moments_by(stream, call, &call->out[0], call->workspace, call->out[1].range,
                             op_columns_software(gpu_get_limits(call->gpu), call->out[0].shape));
    }
}

// --- variants ---------------------------------------------------------------------------------------------------------

static bool offer_forward(const struct op_infer *info, struct op_needs *needs) { return offer(info, needs, false); }
static bool offer_dx(const struct op_infer *info, struct op_needs *needs) { return offer(info, needs, true); }
static void prepare_forward(struct gpu_stream *stream, const struct op_call *call) { prepare(stream, call, false); }
static void prepare_dx(struct gpu_stream *stream, const struct op_call *call) { prepare(stream, call, true); }
static void record_forward(struct gpu_stream *stream, const struct op_call *call) { record(stream, call, false); }
static void record_dx(struct gpu_stream *stream, const struct op_call *call) { record(stream, call, true); }

const struct op_variant conv_software_forward[] = {
    {"software-direct", OP_FAMILY_SOFTWARE, 0, offer_forward, prepare_forward, record_forward},
    {0},
};
const struct op_variant conv_software_dx[] = {
    {"software-direct", OP_FAMILY_SOFTWARE, 0, offer_dx, prepare_dx, record_dx},
    {0},
};
