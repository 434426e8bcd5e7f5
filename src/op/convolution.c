// SPDX-License-Identifier: MIT
#include "op/convolution.h"

static uint32_t or_one(uint32_t value)
{
    return value ? value : 1;
}

enum nephos_status conv_expect_operands(const struct op_infer *info)
{
    struct op_infer present = *info;
    if (present.in_count == 3 && !present.present[2]) present.in_count = 2;
    return op_expect_inputs(&present, present.in_count == 3 ? 3 : 2);
}

enum nephos_status conv_check_output(const struct op_infer *info)
{
    if (info->in_count == 3 && info->present[2]) {
        const enum nephos_status status = op_expect_shape(info, 2, "the bias", op_vector(info->out[0].c));
        if (status != NEPHOS_OK) return status;
    }
    return op_check_count(info, info->out[0]);
}

struct conv2d_push conv_geometry(const struct op_attr *attr, struct op_shape x, struct op_shape w, struct op_shape y)
{
    return (struct conv2d_push){
        .n = x.n,
        .xh = x.h, .xw = x.w, .xc = x.c,
        .yh = y.h, .yw = y.w, .yc = y.c,
        .kh = w.h, .kw = w.w,
        .sh = or_one(attr->stride[0]), .sw = or_one(attr->stride[1]),
        .ph = attr->pad[0], .pw = attr->pad[1],
        .dh = or_one(attr->dilation[0]), .dw = or_one(attr->dilation[1]),
        .groups = or_one(attr->groups),
        .splits = 1,
    };
}

double conv_geometry_flops(const struct conv2d_push *p)
{
    return 2.0 * p->n * p->yh * p->yw * p->yc * (p->xc / p->groups) * p->kh * p->kw;
}

static enum nephos_status check_channels(const struct op_infer *info, struct op_shape x, struct op_shape w)
{
    const struct op_attr *attr = info->attr;
    const uint32_t groups = or_one(attr->groups);
    if (w.c == 0 || x.c % groups || w.n % groups || x.c / groups != w.c) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u channels to %u in %u groups don't fit weights of %u channels per group",
                         info->label, x.c, w.n, groups, w.c);
    }
    if ((attr->kernel[0] && attr->kernel[0] != w.h) || (attr->kernel[1] && attr->kernel[1] != w.w)) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: the kernel is %ux%u but its weights are %ux%u", info->label, attr->kernel[0],
                         attr->kernel[1], w.h, w.w);
    }
    return NEPHOS_OK;
}

// The kernels compute with products of three of these.
static enum nephos_status check_attributes(const struct op_infer *info, struct op_shape w)
{
    const uint32_t most = 1024;
    const struct op_attr *attr = info->attr;
    for (int i = 0; i < 2; i++) {
        if (attr->stride[i] <= most && attr->pad[i] <= most && attr->dilation[i] <= most && (i ? w.w : w.h) <= most) continue;
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: kernel %u, stride %u, padding %u, dilation %u: at most %u is supported",
                         info->label, i ? w.w : w.h, attr->stride[i], attr->pad[i], attr->dilation[i], most);
    }
    return NEPHOS_OK;
}

// Extent of y along axis 0 (height) or 1 (width).
static enum nephos_status check_axis(const struct op_infer *info, int axis, uint32_t x, uint32_t kernel, uint32_t *y)
{
    const uint64_t stride = or_one(info->attr->stride[axis]), pad = info->attr->pad[axis], dilation = or_one(info->attr->dilation[axis]);
    const uint64_t padded = x + 2 * pad, reach = dilation * (kernel - 1) + 1;
    if (x == 0 || kernel == 0 || reach > padded) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT,
                         "%s: a kernel of %u (stride %u, padding %u, dilation %u) doesn't fit an input %s of %u", info->label, kernel,
                         (uint32_t)stride, (uint32_t)pad, (uint32_t)dilation, axis ? "width" : "height", x);
    }
    *y = (uint32_t)((padded - reach) / stride + 1);
    return NEPHOS_OK;
}

enum nephos_status conv_check(const struct op_infer *info, struct op_shape x, struct op_shape w, struct op_shape *y)
{
    enum nephos_status status;
    *y = (struct op_shape){.n = x.n, .c = w.n};
    TRY(check_channels(info, x, w));
    TRY(check_attributes(info, w));
    TRY(check_axis(info, 0, x.h, w.h, &y->h));
    TRY(check_axis(info, 1, x.w, w.w, &y->w));
    const struct conv2d_push geometry = conv_geometry(info->attr, x, w, *y);
    if (conv_images_per_dispatch(info->limits, &geometry) == 0 || op_bytes(w) > info->limits->max_binding_size) {
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %ux%ux%u to %ux%ux%u (HWC) needs more than the %llu bytes a kernel may bind; use a smaller size",
             info->label, x.h, x.w, x.c, y->h, y->w, y->c, (unsigned long long)info->limits->max_binding_size);
    }
fail:
    return status;
}

enum nephos_status conv_check_pair(const struct op_infer *info, struct op_shape x, struct op_shape w, struct op_shape y)
{
    struct op_shape expected;
    const enum nephos_status status = conv_check(info, x, w, &expected);
    if (status != NEPHOS_OK || op_shape_equal(expected, y)) return status;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: a convolution of %ux%ux%ux%u gives %ux%ux%ux%u (NHWC), not %ux%ux%ux%u", info->label,
                     x.n, x.h, x.w, x.c, expected.n, expected.h, expected.w, expected.c, y.n, y.h, y.w, y.c);
}

bool conv_vectorizes(const struct conv2d_push *p)
{
    return p->xc / p->groups % 4 == 0 && p->yc / p->groups % 4 == 0;
}

// How many images of `size` bytes until an image starts aligned again; alignments are powers of two.
static uint64_t aligned_images(uint64_t size, uint64_t alignment)
{
    while (alignment > 1 && size % 2 == 0) {
        size /= 2;
        alignment /= 2;
    }
    return alignment;
}

uint32_t conv_images_per_dispatch(const struct gpu_limits *limits, const struct conv2d_push *p)
{
    const uint64_t x = 4ull * p->xh * p->xw * p->xc, y = 4ull * p->yh * p->yw * p->yc;
    const uint64_t most = limits->max_binding_size / (x > y ? x : y);
    if (most >= p->n) return p->n;
    const uint64_t x_unit = aligned_images(x, limits->offset_alignment), y_unit = aligned_images(y, limits->offset_alignment);
    const uint64_t unit = x_unit > y_unit ? x_unit : y_unit;
    return (uint32_t)(most / unit * unit);
}

// Half of `largest` again and again while one tile still covers `count`, down to 4.
static uint32_t tile_side(uint64_t count, uint32_t largest)
{
    while (largest > 4 && largest / 2 >= count) largest /= 2;
    return largest;
}

// A CPU wants as many multiply-adds per load as it can get, whatever spills; but big tiles take a second to compile, which small
// problems don't earn back. A GPU wants enough invocations to fill it, and no spills. More kernel families choose here, too.
struct conv_tile conv_choose_tile(const struct gpu_limits *limits, uint64_t rows, uint64_t columns, uint64_t depth, uint64_t count)
{
    const uint64_t elements = rows * columns * count;
    const double flops = 2.0 * (double)elements * (double)depth;
    if (limits->software) {
        uint32_t side = flops > 3e7 ? 16 : flops > 5e6 ? 8 : 4;
        while (side > 4 && elements / (side * side) < 64) side /= 2;
        return (struct conv_tile){limits->subgroup_size > 8 ? limits->subgroup_size : 8, tile_side(rows, side), tile_side(columns, side)};
    }
    const uint32_t side = elements / 64 >= 32768 ? 8 : 4;
    return (struct conv_tile){64, tile_side(rows, side), tile_side(columns, side)};
}

static uint64_t tiles(uint64_t count, uint32_t side)
{
    return (count + side - 1) / side;
}

uint32_t conv_choose_splits(const struct gpu_limits *limits, const struct conv2d_push *p, struct conv_tile *tile)
{
    const uint64_t most_workspace = limits->max_binding_size < 32 << 20 ? limits->max_binding_size : 32 << 20;
    const uint64_t wanted = limits->software ? 512 : 32768;
    const uint64_t rows = p->yc / p->groups, columns = p->xc / p->groups, lines = (uint64_t)p->n * p->yh;
    const uint64_t count = (uint64_t)p->groups * p->kh * p->kw;
    uint64_t most = most_workspace / (4 * rows * columns * count);
    if (most > 64) most = 64;
    if (most > lines) most = lines;
    if (most == 0) most = 1;
    *tile = conv_choose_tile(limits, rows, columns, lines * p->yw / most, count * most);
    const uint64_t invocations = tiles(rows, tile->m) * tiles(columns, tile->n) * count;
    const uint64_t splits = (wanted + invocations - 1) / invocations;
    return (uint32_t)(splits < most ? splits : most);
}

void conv_dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, struct conv2d_push *p,
                   struct conv_tile tile, uint32_t rows, uint32_t columns, uint32_t count, bool accumulate, const struct gpu_range *ranges,
                   uint32_t range_count)
{
    p->m_tiles = (uint32_t)tiles(rows, tile.m);
    p->n_tiles = (uint32_t)tiles(columns, tile.n);
    p->tiles = p->m_tiles * p->n_tiles * count;
    const uint32_t groups = (uint32_t)tiles(p->tiles, tile.local), most = gpu_get_limits(call->gpu)->max_group_count[0];
    const uint32_t groups_x = groups < most ? groups : most;
    double bytes = 0;
    for (uint32_t i = 0; i < range_count; i++) bytes += (double)ranges[i].size;
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = shader,
                                    .spec = (uint32_t[]){tile.local, tile.m, tile.n, accumulate},
                                    .spec_count = 4,
                                    .ranges = ranges,
                                    .range_count = range_count,
                                    .push = p,
                                    .push_size = sizeof *p,
                                    .groups = {groups_x, (groups + groups_x - 1) / groups_x, 1},
                                    .flops = conv_geometry_flops(p),
                                    .bytes = bytes,
                                    .label = call->label,
                                });
}
