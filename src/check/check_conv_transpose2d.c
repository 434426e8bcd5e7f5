// SPDX-License-Identifier: MIT
#include "check/check.h"

#include <string.h>

static uint32_t or_one(uint32_t value)
{
    return value ? value : 1;
}

// Adds what one pixel of x gives to all pixels of y it reaches; `from` are its channels.
static void scatter(const struct op_attr *attr, const double *from, uint32_t n, uint32_t h, uint32_t w, const struct check_tensor *weight,
                    struct check_tensor *y)
{
    const struct op_shape ys = y->shape, ws = weight->shape;
    const uint32_t group_size = ws.n / or_one(attr->groups);
    for (uint32_t kh = 0; kh < ws.h; kh++) {
        for (uint32_t kw = 0; kw < ws.w; kw++) {
            const int64_t yh = (int64_t)h * or_one(attr->stride[0]) + (int64_t)kh * or_one(attr->dilation[0]) - attr->pad[0];
            const int64_t yw = (int64_t)w * or_one(attr->stride[1]) + (int64_t)kw * or_one(attr->dilation[1]) - attr->pad[1];
            if (yh < 0 || yh >= ys.h || yw < 0 || yw >= ys.w) continue;
            double *to = y->v + (((uint64_t)n * ys.h + (uint64_t)yh) * ys.w + (uint64_t)yw) * ys.c;
            for (uint32_t i = 0; i < ws.n; i++)
                for (uint32_t c = 0; c < ws.c; c++)
                    to[i / group_size * ws.c + c] += from[i] * weight->v[(((uint64_t)i * ws.h + kh) * ws.w + kw) * ws.c + c];
        }
    }
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape x = in[0].shape, y = out[0].shape;
    for (uint64_t i = 0; i < op_count(y); i++) out[0].v[i] = in[2].v ? in[2].v[i % y.c] : 0;
    const double *from = in[0].v;
    for (uint32_t n = 0; n < x.n; n++)
        for (uint32_t h = 0; h < x.h; h++)
            for (uint32_t w = 0; w < x.w; w++, from += x.c) scatter(attr, from, n, h, w, &in[1], &out[0]);
}

#define SHAPE(...) {__VA_ARGS__}
#define TRANSPOSE(x, w, bias, ...) {.op = "conv_transpose2d", .in = {x, w, {1, 1, 1, bias}}, .in_count = 3, .attr = {__VA_ARGS__}}
#define TRANSPOSE_TYPED(number, x, w, ...) \
    {.op = "conv_transpose2d", .in = {x, w}, .in_count = 2, .attr = {__VA_ARGS__}, .type = number}
#define TRANSPOSE_NO_BIAS(x, w, ...) {.op = "conv_transpose2d", .in = {x, w}, .in_count = 2, .attr = {__VA_ARGS__}}

// As for conv2d; the sizes given are with every output padding a stride leaves room for.
static const struct check_case cases[] = {
    TRANSPOSE_NO_BIAS(SHAPE(1, 1, 1, 1), SHAPE(1, 1, 1, 1), .stride = {1, 1}),
    TRANSPOSE(SHAPE(2, 4, 5, 8), SHAPE(8, 2, 2, 4), 4, .stride = {2, 2}),
    TRANSPOSE_TYPED(GPU_FP16, SHAPE(2, 4, 5, 8), SHAPE(8, 2, 2, 4), .stride = {2, 2}),
    TRANSPOSE(SHAPE(2, 4, 5, 3), SHAPE(3, 3, 3, 5), 5, .pad = {1, 1}),
    TRANSPOSE(SHAPE(1, 5, 4, 8), SHAPE(8, 4, 4, 12), 12, .stride = {2, 2}, .pad = {1, 1}),
    TRANSPOSE(SHAPE(1, 5, 4, 8), SHAPE(8, 3, 3, 4), 4, .stride = {2, 2}, .pad = {1, 1}),
    TRANSPOSE(SHAPE(1, 5, 4, 8), SHAPE(8, 3, 3, 4), 4, .stride = {2, 2}, .pad = {1, 1}, .size = {10, 8}),
    TRANSPOSE(SHAPE(1, 3, 4, 4), SHAPE(4, 2, 3, 4), 4, .stride = {4, 3}, .size = {13, 14}),
    TRANSPOSE_NO_BIAS(SHAPE(1, 4, 5, 4), SHAPE(4, 3, 3, 4), .stride = {2, 3}, .pad = {1, 2}, .dilation = {3, 2}),
    TRANSPOSE_NO_BIAS(SHAPE(1, 3, 4, 4), SHAPE(4, 1, 1, 4), .stride = {2, 2}, .size = {6, 8}),
    TRANSPOSE(SHAPE(1, 4, 5, 8), SHAPE(8, 3, 3, 4), 8, .stride = {2, 2}, .groups = 2),
    TRANSPOSE(SHAPE(2, 4, 3, 6), SHAPE(6, 3, 3, 1), 6, .stride = {2, 1}, .pad = {1, 0}, .groups = 6),
    {.op = "conv_transpose2d",
     .in = {{1, 24, 26, 64}, {64, 2, 2, 32}, {1, 1, 1, 32}},
     .in_count = 3,
     .attr = {.stride = {2, 2}},
     .partials = 8},
};

// For the tolerance see conv2d.
const struct check_op check_conv_transpose2d = {
    .op = "conv_transpose2d",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 7,
    .forward_tolerance = 5e-6,
    .gradient_tolerance = 1e-5,
};
