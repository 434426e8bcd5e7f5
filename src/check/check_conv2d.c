// SPDX-License-Identifier: MIT
// conv2d and linear; through their gradient rules also conv2d_dx, conv2d_dw and bias_grad.
#include "check/fill.h"
#include "op/prologue.h"

static uint32_t or_one(uint32_t value)
{
    return value ? value : 1;
}

// In four sums, which a processor adds to at the same time: most of the time of all checks is spent here.
static double dot(const double *a, const double *b, uint32_t count)
{
    double sum[4] = {0};
    uint32_t c = 0;
    for (; c + 4 <= count; c += 4)
        for (uint32_t i = 0; i < 4; i++) sum[i] += a[c + i] * b[c + i];
    for (; c < count; c++) sum[0] += a[c] * b[c];
    return sum[0] + sum[1] + (sum[2] + sum[3]);
}

// Channel c of x, behind the prologue; saved [4][channels]: mean, inverse deviation, factor, bias.
static double normalised(const struct op_attr *attr, const struct check_tensor *saved, double x, uint32_t c)
{
    if (attr->prologue == OP_PROLOGUE_NONE) return x;
    const uint32_t channels = saved->shape.c;
    const double y = (x - saved->v[c]) * saved->v[2 * channels + c] + saved->v[3 * channels + c];
    return attr->prologue == OP_PROLOGUE_NORM_RELU && y < 0 ? 0 : y;
}

// One tap of one pixel: the dot product over the channels of a group. x is gathered from what is enlarged and what is skipped to.
static double tap(const struct op_attr *attr, const struct check_tensor *in, const double *factor, uint32_t n, uint32_t h, uint32_t w,
                  uint32_t first)
{
    const struct op_shape xs = in[0].shape, skip = in[4].shape;
    const uint32_t up = or_one(attr->upsample), count = in[1].shape.c, left = xs.c > first ? xs.c - first : 0;
    const uint32_t near_count = count < left ? count : left;
    const double *near = in[0].v + (((uint64_t)n * xs.h + h / up) * xs.w + w / up) * xs.c;
    double sum = 0;
    if (attr->prologue == OP_PROLOGUE_NONE) sum = dot(near + first, factor, near_count);
    else for (uint32_t i = 0; i < near_count; i++) sum += normalised(attr, &in[5], near[first + i], first + i) * factor[i];
    if (near_count == count) return sum;
    const double *behind = in[4].v + (((uint64_t)n * skip.h + h) * skip.w + w) * skip.c;
    return sum + dot(behind + first + near_count - xs.c, factor + near_count, count - near_count);
}

// The sum that gives y[n][h][w][o], for the group of o.
static double pixel(const struct op_attr *attr, const struct check_tensor *in, uint32_t n, uint32_t h, uint32_t w, uint32_t o)
{
    const struct op_shape ws = in[1].shape;
    const uint32_t group = o / (ws.n / or_one(attr->groups)), up = or_one(attr->upsample);
    const int64_t x_h = (int64_t)in[0].shape.h * up, x_w = (int64_t)in[0].shape.w * up;
    double sum = 0;
    for (uint32_t kh = 0; kh < ws.h; kh++) {
        const int64_t xh = (int64_t)h * or_one(attr->stride[0]) + (int64_t)kh * or_one(attr->dilation[0]) - attr->pad[0];
        for (uint32_t kw = 0; kw < ws.w && xh >= 0 && xh < x_h; kw++) {
            const int64_t xw = (int64_t)w * or_one(attr->stride[1]) + (int64_t)kw * or_one(attr->dilation[1]) - attr->pad[1];
            if (xw < 0 || xw >= x_w) continue;
            const double *factor = in[1].v + (((uint64_t)o * ws.h + kh) * ws.w + kw) * ws.c;
            sum += tap(attr, in, factor, n, (uint32_t)xh, (uint32_t)xw, group * ws.c);
        }
    }
    return sum;
}

static void statistics(const struct check_tensor *y, struct check_tensor *moments)
{
    const uint32_t channels = y->shape.c;
    for (uint32_t c = 0; c < channels; c++) {
        double m2;
        check_moments(y, c, &moments->v[c], &m2);
        moments->v[channels + c] = m2 * channels / (double)op_count(y->shape);
    }
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape y = out[0].shape;
    for (uint64_t i = 0; i < op_count(y); i++) {
        const uint32_t o = (uint32_t)(i % y.c), w = (uint32_t)(i / y.c % y.w), h = (uint32_t)(i / y.c / y.w % y.h);
        double value = pixel(attr, in, (uint32_t)(i / y.c / y.w / y.h), h, w, o);
        if (in[2].v) value += in[2].v[o];
        if (in[3].v) value += in[3].v[i];
        out[0].v[i] = attr->relu && value < 0 ? 0 : value;
    }
    if (attr->stats) statistics(&out[0], &out[1]);
}

#define SHAPE(...) {__VA_ARGS__}
#define CONV(x, w, bias, ...) {.op = "conv2d", .in = {x, w, {1, 1, 1, bias}}, .in_count = 3, .attr = {__VA_ARGS__}}
#define CONV_NO_BIAS(x, w, ...) {.op = "conv2d", .in = {x, w}, .in_count = 2, .attr = {__VA_ARGS__}}

#define NONE {0}
// bias: channels, 0 for none; residual and skip: shapes, NONE for none.
#define FUSED(x, w, bias, residual, skip, ...) \
    {.op = "conv2d", .in = {x, w, {(bias) ? 1 : 0, 1, 1, bias}, residual, skip}, .in_count = 5, .attr = {.pad = {1, 1}, __VA_ARGS__}}
#define FUSED_1X1(x, w, bias, residual, skip, ...) \
    {.op = "conv2d", .in = {x, w, {(bias) ? 1 : 0, 1, 1, bias}, residual, skip}, .in_count = 5, .attr = {__VA_ARGS__}}

#define TYPED(number, x, w, bias, residual, skip, ...) \
    {.op = "conv2d", .in = {x, w, {(bias) ? 1 : 0, 1, 1, bias}, residual, skip}, .in_count = 5, .attr = {__VA_ARGS__}, .type = number, \
     .partials = 16}

#define CONV_SOFTWARE(x, w, bias, residual, skip, ...)                                           \
    {.op = "conv2d",                                                                             \
     .in = {x, w, {(bias) ? 1 : 0, 1, 1, bias}, residual, skip},                                 \
     .in_count = 5,                                                                              \
     .attr = {__VA_ARGS__},                                                                      \
     .partials = 8,                                                                              \
     .software = true}

// bias, residual, skip: as of FUSED; channels: of x
#define PROLOGUE(x, w, bias, residual, skip, channels, ...)                                      \
    {.op = "conv2d",                                                                             \
     .in = {x, w, {(bias) ? 1 : 0, 1, 1, bias}, residual, skip, {1, 1, 4, channels}},            \
     .in_count = 6,                                                                              \
     .attr = {__VA_ARGS__},                                                                      \
     .partials = 32}

// Channels on and off multiples of 4 and of the tile, odd sizes, each attribute alone and together, edges that only padding covers.
static const struct check_case conv2d_cases[] = {
    CONV_NO_BIAS(SHAPE(1, 1, 1, 1), SHAPE(1, 1, 1, 1), .stride = {1, 1}),
    CONV(SHAPE(2, 5, 7, 3), SHAPE(5, 3, 3, 3), 5, .stride = {1, 1}, .pad = {1, 1}),
    CONV(SHAPE(2, 5, 7, 8), SHAPE(12, 3, 3, 8), 12, .kernel = {3, 3}, .pad = {1, 1}),
    CONV_NO_BIAS(SHAPE(1, 9, 11, 4), SHAPE(20, 3, 3, 4), .stride = {2, 2}, .pad = {1, 1}),
    CONV_NO_BIAS(SHAPE(1, 10, 12, 4), SHAPE(4, 3, 3, 4), .stride = {2, 2}, .pad = {1, 1}),
    CONV_NO_BIAS(SHAPE(2, 15, 18, 3), SHAPE(8, 7, 7, 3), .stride = {2, 2}, .pad = {3, 3}),
    CONV_NO_BIAS(SHAPE(2, 7, 8, 8), SHAPE(16, 1, 1, 8), .stride = {2, 2}),
    CONV(SHAPE(1, 8, 9, 4), SHAPE(4, 2, 5, 4), 4, .stride = {3, 1}, .pad = {0, 2}),
    CONV(SHAPE(1, 11, 9, 4), SHAPE(4, 3, 3, 4), 4, .stride = {1, 1}, .pad = {2, 2}, .dilation = {2, 2}),
    CONV_NO_BIAS(SHAPE(1, 13, 12, 4), SHAPE(4, 3, 3, 4), .stride = {2, 3}, .pad = {3, 1}, .dilation = {3, 2}),
    CONV_NO_BIAS(SHAPE(1, 12, 12, 4), SHAPE(4, 3, 3, 4), .stride = {2, 4}, .pad = {2, 2}, .dilation = {2, 2}),
    CONV(SHAPE(2, 6, 5, 8), SHAPE(16, 3, 3, 4), 16, .pad = {1, 1}, .groups = 2),
    CONV(SHAPE(1, 6, 5, 6), SHAPE(9, 3, 3, 2), 9, .pad = {1, 1}, .groups = 3),
    CONV(SHAPE(1, 7, 6, 5), SHAPE(10, 3, 3, 1), 10, .stride = {2, 1}, .pad = {1, 1}, .groups = 5),
    CONV_NO_BIAS(SHAPE(1, 2, 2, 4), SHAPE(4, 3, 3, 4), .pad = {5, 5}),
    CONV(SHAPE(1, 3, 3, 64), SHAPE(4, 3, 3, 64), 4, .pad = {1, 1}),
    // epilogues: each alone and together, on both widths of loads; ReLU on cases so small that no difference step crosses 0
    FUSED(SHAPE(2, 4, 5, 4), SHAPE(12, 3, 3, 4), 12, NONE, NONE, .relu = 1),
    FUSED(SHAPE(1, 4, 5, 3), SHAPE(7, 3, 3, 3), 0, NONE, NONE, .relu = 1),
    FUSED(SHAPE(2, 4, 5, 4), SHAPE(12, 3, 3, 4), 0, SHAPE(2, 4, 5, 12), NONE, .relu = 1),
    FUSED(SHAPE(2, 5, 7, 3), SHAPE(5, 3, 3, 3), 5, SHAPE(2, 5, 7, 5), NONE, .stride = {1, 1}),
    FUSED(SHAPE(2, 5, 7, 4), SHAPE(12, 3, 3, 4), 12, SHAPE(2, 3, 4, 12), NONE, .stride = {2, 2}, .relu = 1),
    FUSED_1X1(SHAPE(1, 5, 3, 16), SHAPE(8, 1, 1, 16), 8, SHAPE(1, 5, 3, 8), NONE, .relu = 1),
    FUSED(SHAPE(1, 6, 5, 6), SHAPE(9, 3, 3, 2), 9, SHAPE(1, 6, 5, 9), NONE, .groups = 3, .relu = 1),
    // statistics
    FUSED(SHAPE(2, 5, 7, 8), SHAPE(12, 3, 3, 8), 0, NONE, NONE, .stats = 1),
    FUSED(SHAPE(3, 9, 11, 3), SHAPE(70, 3, 3, 3), 0, NONE, NONE, .stride = {2, 2}, .stats = 1),
    FUSED_1X1(SHAPE(2, 7, 8, 8), SHAPE(16, 1, 1, 8), 16, NONE, NONE, .stride = {2, 2}, .stats = 1),
    FUSED_1X1(SHAPE(1, 1, 1, 4), SHAPE(4, 1, 1, 4), 0, NONE, NONE, .stats = 1),
    // gathered input
    FUSED(SHAPE(2, 3, 4, 8), SHAPE(12, 3, 3, 8), 0, NONE, NONE, .upsample = 2),
    FUSED(SHAPE(2, 3, 4, 3), SHAPE(5, 3, 3, 3), 5, NONE, NONE, .upsample = 2),
    FUSED(SHAPE(2, 3, 4, 8), SHAPE(8, 3, 3, 12), 0, NONE, SHAPE(2, 6, 8, 4), .upsample = 2),
    FUSED(SHAPE(2, 3, 2, 4), SHAPE(6, 3, 3, 7), 0, NONE, SHAPE(2, 6, 4, 3), .upsample = 2),
    FUSED(SHAPE(1, 5, 4, 4), SHAPE(8, 3, 3, 24), 0, NONE, SHAPE(1, 5, 4, 20)),
    FUSED(SHAPE(1, 5, 7, 5), SHAPE(4, 3, 3, 6), 4, NONE, SHAPE(1, 5, 7, 1), .upsample = 1),
    FUSED_1X1(SHAPE(1, 4, 5, 8), SHAPE(4, 1, 1, 12), 0, NONE, SHAPE(1, 8, 10, 4), .stride = {3, 2}, .upsample = 2),
    // everything
    FUSED(SHAPE(2, 3, 4, 8), SHAPE(8, 3, 3, 12), 0, NONE, SHAPE(2, 6, 8, 4), .upsample = 2, .stats = 1),
    FUSED(SHAPE(1, 3, 3, 8), SHAPE(4, 3, 3, 12), 4, NONE, SHAPE(1, 6, 6, 4), .upsample = 2, .relu = 1),
    FUSED(SHAPE(1, 3, 3, 8), SHAPE(4, 3, 3, 12), 4, SHAPE(1, 6, 6, 4), SHAPE(1, 6, 6, 4), .upsample = 2, .relu = 1),
    FUSED(SHAPE(2, 2, 3, 4), SHAPE(8, 3, 3, 7), 8, SHAPE(2, 4, 6, 8), SHAPE(2, 4, 6, 3), .upsample = 2, .stats = 1),
    // elements of 16 bits, beside floats where channels are no multiple of 4: images, logits, a skip; few elements where there is a ReLU
    TYPED(GPU_FP16, SHAPE(2, 15, 18, 3), SHAPE(8, 7, 7, 3), 0, NONE, NONE, .stride = {2, 2}, .pad = {3, 3}, .stats = 1),
    TYPED(GPU_FP16, SHAPE(2, 5, 7, 8), SHAPE(12, 3, 3, 8), 0, NONE, NONE, .pad = {1, 1}),
    TYPED(GPU_BF16, SHAPE(2, 5, 7, 8), SHAPE(12, 3, 3, 8), 0, SHAPE(2, 3, 4, 12), NONE, .stride = {2, 2}, .pad = {1, 1}),
    TYPED(GPU_BF16, SHAPE(2, 7, 8, 8), SHAPE(16, 1, 1, 8), 0, NONE, NONE, .stride = {2, 2}, .stats = 1),
    TYPED(GPU_FP16, SHAPE(1, 4, 5, 16), SHAPE(3, 3, 3, 16), 0, NONE, NONE, .pad = {1, 1}),
    TYPED(GPU_FP16, SHAPE(2, 3, 4, 8), SHAPE(8, 3, 3, 12), 0, NONE, SHAPE(2, 6, 8, 4), .pad = {1, 1}, .upsample = 2, .stats = 1),
    TYPED(GPU_FP16, SHAPE(2, 2, 3, 4), SHAPE(8, 3, 3, 6), 0, NONE, SHAPE(2, 4, 6, 2), .pad = {1, 1}, .upsample = 2),
    TYPED(GPU_FP16, SHAPE(2, 4, 5, 4), SHAPE(12, 3, 3, 4), 12, SHAPE(2, 4, 5, 12), NONE, .pad = {1, 1}, .relu = 1),
    TYPED(GPU_BF16, SHAPE(1, 3, 3, 8), SHAPE(4, 3, 3, 12), 4, SHAPE(1, 6, 6, 4), SHAPE(1, 6, 6, 4), .pad = {1, 1}, .upsample = 2,
          .relu = 1),
    // Winograd's tiles: whole vectors of channels, tiles that end anywhere, images that share a block of tiles, every padding
    CONV_SOFTWARE(SHAPE(3, 5, 9, 32), SHAPE(32, 3, 3, 32), 32, NONE, NONE, .pad = {1, 1}),
    CONV_SOFTWARE(SHAPE(2, 8, 7, 32), SHAPE(64, 3, 3, 32), 0, NONE, NONE, .pad = {0, 2}),
    CONV_SOFTWARE(SHAPE(1, 6, 11, 48), SHAPE(32, 3, 3, 48), 0, NONE, NONE, .pad = {2, 0}),
    CONV_SOFTWARE(SHAPE(1, 6, 5, 16), SHAPE(32, 3, 3, 16), 32, SHAPE(1, 6, 5, 32), NONE, .pad = {1, 1}, .relu = 1),
    CONV_SOFTWARE(SHAPE(2, 3, 4, 32), SHAPE(32, 3, 3, 48), 0, NONE, SHAPE(2, 6, 8, 16), .pad = {1, 1}, .upsample = 2, .stats = 1),
    CONV_SOFTWARE(SHAPE(1, 4, 5, 32), SHAPE(32, 3, 3, 32), 32, SHAPE(1, 8, 10, 32), NONE, .pad = {1, 1}, .upsample = 2),
    CONV_SOFTWARE(SHAPE(1, 9, 8, 512), SHAPE(128, 3, 3, 512), 0, NONE, NONE, .pad = {1, 1}),
    // rows long enough for tiles of pixels whose taps all lie inside: one vector of channels and two, the second not whole or odd, runs
    // that overlap, and taps apart from each other
    CONV_SOFTWARE(SHAPE(2, 5, 29, 16), SHAPE(16, 3, 3, 16), 16, NONE, NONE, .pad = {1, 1}),
    CONV_SOFTWARE(SHAPE(1, 9, 58, 3), SHAPE(40, 7, 7, 3), 40, NONE, NONE, .stride = {2, 2}, .pad = {3, 3}),
    CONV_SOFTWARE(SHAPE(1, 3, 26, 8), SHAPE(48, 3, 3, 8), 0, SHAPE(1, 3, 26, 48), NONE, .pad = {1, 1}),
    CONV_SOFTWARE(SHAPE(1, 4, 27, 5), SHAPE(19, 2, 3, 5), 19, NONE, NONE, .pad = {2, 1}),
    CONV_SOFTWARE(SHAPE(1, 5, 30, 8), SHAPE(20, 3, 3, 8), 0, NONE, NONE, .pad = {1, 2}, .dilation = {1, 2}),
    CONV_SOFTWARE(SHAPE(2, 5, 54, 16), SHAPE(24, 3, 3, 16), 24, NONE, NONE, .stride = {2, 2}, .pad = {1, 1}),
    // larger: the wider register tiles
    {.op = "conv2d",
     .in = {{1, 13, 12, 20}, {20, 3, 3, 36}, {0}, {0}, {1, 26, 24, 16}},
     .in_count = 5,
     .attr = {.pad = {1, 1}, .upsample = 2, .stats = 1},
     .partials = 16},
    {.op = "conv2d",
     .in = {{1, 11, 13, 11}, {19, 3, 3, 18}, {1, 1, 1, 19}, {0}, {1, 22, 26, 7}},
     .in_count = 5,
     .attr = {.pad = {1, 1}, .upsample = 2},
     .partials = 16},
    {.op = "conv2d", .in = {{1, 25, 24, 16}, {20, 3, 3, 16}, {1, 1, 1, 20}}, .in_count = 3, .attr = {.pad = {1, 1}}, .partials = 16},
    {.op = "conv2d", .in = {{1, 23, 26, 17}, {19, 3, 3, 17}, {1, 1, 1, 19}}, .in_count = 3, .attr = {.pad = {1, 1}}, .partials = 16},
    {.op = "conv2d", .in = {{1, 16, 34, 52}, {64, 3, 3, 52}}, .in_count = 2, .attr = {.pad = {1, 1}}, .partials = 8},
    // the widest tiles of matrices in all passes, and more than one of them, none full
    {.op = "conv2d", .in = {{1, 12, 13, 68}, {132, 3, 3, 68}, {1, 1, 1, 132}}, .in_count = 3, .attr = {.pad = {1, 1}}, .partials = 8},
    {.op = "conv2d",
     .in = {{2, 65, 67, 36}, {52, 3, 3, 36}, {1, 1, 1, 52}},
     .in_count = 3,
     .attr = {.pad = {1, 1}},
     .partials = 8,
     .slow = true},
    {.op = "conv2d", // several passes over Winograd's tiles, of which the last has fewer blocks, and the last block fewer tiles
     .in = {{1, 243, 118, 32}, {32, 3, 3, 32}},
     .in_count = 2,
     .attr = {.pad = {1, 1}},
     .partials = 2,
     .slow = true},
    {.op = "conv2d",
     .in = {{1, 128, 130, 3}, {64, 7, 7, 3}},
     .in_count = 2,
     .attr = {.stride = {2, 2}, .pad = {3, 3}},
     .partials = 8,
     .slow = true},
    {.op = "conv2d",
     .in = {{1, 64, 64, 64}, {128, 3, 3, 64}},
     .in_count = 2,
     .attr = {.stride = {2, 2}, .pad = {1, 1}},
     .partials = 8,
     .slow = true},
};

// The same, on devices where Winograd's algorithm may win.
#define PROLOGUE_SOFTWARE(x, w, skip, channels, ...)                                             \
    {.op = "conv2d",                                                                             \
     .in = {x, w, NONE, NONE, skip, {1, 1, 4, channels}},                                        \
     .in_count = 6,                                                                              \
     .attr = {__VA_ARGS__},                                                                      \
     .partials = 8,                                                                              \
     .software = true}

// Padding stays zero, which the batch norm of zero is not; the skip stays as it is. Kernels find the channel of an element by element,
// by vectors of 4, by slices, in groups, in one tensor or two; the rest is as without.
static const struct check_case prologue_cases[] = {
    PROLOGUE(SHAPE(2, 5, 7, 3), SHAPE(5, 3, 3, 3), 5, SHAPE(2, 5, 7, 5), NONE, 3, .pad = {1, 1}, .prologue = 1),
    PROLOGUE(SHAPE(1, 6, 5, 6), SHAPE(9, 3, 3, 2), 0, NONE, NONE, 6, .pad = {1, 1}, .groups = 3, .prologue = 2),
    PROLOGUE(SHAPE(2, 7, 8, 20), SHAPE(16, 1, 1, 20), 0, NONE, NONE, 20, .stride = {2, 2}, .prologue = 2, .stats = 1),
    PROLOGUE(SHAPE(2, 4, 5, 64), SHAPE(16, 3, 3, 32), 0, NONE, NONE, 64, .pad = {1, 1}, .groups = 2, .prologue = 2),
    PROLOGUE(SHAPE(2, 3, 2, 5), SHAPE(6, 3, 3, 8), 0, NONE, SHAPE(2, 6, 4, 3), 5, .pad = {1, 1}, .upsample = 2, .prologue = 1),
    PROLOGUE(SHAPE(2, 3, 4, 8), SHAPE(8, 3, 3, 12), 0, NONE, SHAPE(2, 6, 8, 4), 8, .pad = {1, 1}, .upsample = 2, .prologue = 2),
    PROLOGUE(SHAPE(1, 3, 5, 32), SHAPE(8, 3, 3, 64), 0, NONE, SHAPE(1, 6, 10, 32), 32, .pad = {1, 1}, .upsample = 2, .prologue = 2),
    PROLOGUE_SOFTWARE(SHAPE(3, 5, 9, 64), SHAPE(32, 3, 3, 64), NONE, 64, .pad = {1, 1}, .prologue = 1),
    PROLOGUE_SOFTWARE(SHAPE(1, 3, 4, 32), SHAPE(32, 3, 3, 64), SHAPE(1, 6, 8, 32), 32, .pad = {0, 2}, .upsample = 2, .prologue = 2),
    {.op = "conv2d", .in = {{2, 3, 4, 8}, {8, 3, 3, 12}, {0}, {0}, {2, 6, 8, 4}, {1, 1, 4, 8}}, .in_count = 6,
     .attr = {.pad = {1, 1}, .upsample = 2, .prologue = 2, .stats = 1}, .partials = 32, .type = GPU_FP16},
    {.op = "conv2d", .in = {{2, 7, 8, 20}, {16, 3, 3, 20}, {0}, {0}, {0}, {1, 1, 4, 20}}, .in_count = 6,
     .attr = {.stride = {2, 2}, .pad = {1, 1}, .prologue = 2}, .partials = 32, .type = GPU_BF16},
};

#define LINEAR(n, c, o) {.op = "linear", .in = {{n, 1, 1, c}, {o, 1, 1, c}, {1, 1, 1, o}}, .in_count = 3}

static const struct check_case linear_cases[] = {
    LINEAR(1, 1, 1),
    LINEAR(3, 5, 7),
    LINEAR(2, 512, 4),
    LINEAR(33, 20, 36),
    {.op = "linear", .in = {{4, 1, 1, 16}, {8, 1, 1, 16}}, .in_count = 2},
};

// Sums of up to some thousand products in single precision: each step rounds by 6e-8 of the partial sum, and the errors add up
// like a random walk of the sum itself, so that they stay near 1e-6 of the largest result.
const struct check_op check_conv2d = {
    .op = "conv2d",
    .cases = conv2d_cases,
    .case_count = ARRAY_COUNT(conv2d_cases),
    .reference = reference,
    .differentiable = 31,
    .forward_tolerance = 5e-6,
    .gradient_tolerance = 1e-5,
};

// Of the same operator: x, behind a prologue, gets no gradient. The deviations are those of the sums; a normalised element rounds once
// or twice more.
const struct check_op check_conv2d_prologue = {
    .op = "conv2d",
    .cases = prologue_cases,
    .case_count = ARRAY_COUNT(prologue_cases),
    .reference = reference,
    .differentiable = 2 | 4 | 8 | 16,
    .forward_tolerance = 5e-6,
    .gradient_tolerance = 1e-5,
};

const struct check_op check_linear = {
    .op = "linear",
    .cases = linear_cases,
    .case_count = ARRAY_COUNT(linear_cases),
    .reference = reference,
    .differentiable = 7,
    .forward_tolerance = 5e-6,
    .gradient_tolerance = 1e-5,
};
