// SPDX-License-Identifier: MIT
#include "check/check.h"

static uint32_t packed_pixel(const struct check_tensor *in, uint32_t n, uint32_t y, uint32_t x)
{
    const struct op_shape s = in[0].shape;
    const uint32_t flags = (uint32_t)in[1].v[n];
    if (flags & 1) x = s.w - 1 - x;
    if (flags & 2) y = s.h - 1 - y;
    return (uint32_t)in[0].v[((uint64_t)n * s.h + y) * s.w + x];
}

static void unpack_colours(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *out)
{
    const struct op_shape from = in[0].shape, to = out->shape;
    double *value = out->v;
    for (uint32_t n = 0; n < to.n; n++) {
        for (uint32_t y = 0; y < to.h; y++) {
            for (uint32_t x = 0; x < to.w; x++) {
                const uint32_t word = packed_pixel(in, n, y < from.h ? y : from.h - 1, x < from.w ? x : from.w - 1);
                for (int c = 0; c < 3; c++) *value++ = ((word >> (8 * c) & 255) / 255.0 - (double)attr->mean[c]) / (double)attr->std[c];
            }
        }
    }
}

static void unpack_target(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *out)
{
    const struct op_shape to = out->shape;
    for (uint64_t i = 0; i < op_count(to); i++) {
        const uint64_t pixel = i / to.c;
        const uint32_t c = (uint32_t)(i % to.c);
        const uint32_t y = (uint32_t)(pixel / to.w % to.h), x = (uint32_t)(pixel % to.w);
        const uint32_t labels = packed_pixel(in, (uint32_t)(pixel / to.w / to.h), y, x) >> 24;
        out->v[i] = attr->mode == 0 ? labels >> c & 1 : attr->mode == 1 ? labels == c : labels;
    }
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    unpack_colours(attr, in, &out[0]);
    unpack_target(attr, in, &out[1]);
}

#define COLOURS .mean = {0.485f, 0.456f, 0.406f}, .std = {0.229f, 0.224f, 0.225f}
#define CASE(n, h, w, to_h, to_w, count, kind)                                                                             \
    {                                                                                                                      \
        .op = "unpack_image", .in = {{n, h, w, 1}, {n, 1, 1, 1}}, .in_count = 2, .fill = {CHECK_WORDS, CHECK_WORDS},       \
        .attr = {.size = {to_h, to_w}, .channels = count, .mode = kind, COLOURS}                                           \
    }
static const struct check_case cases[] = {
    CASE(1, 1, 1, 1, 1, 1, 0),     CASE(4, 3, 5, 3, 5, 4, 0),     CASE(5, 7, 9, 32, 32, 8, 0),   CASE(6, 6, 11, 0, 0, 3, 0),
    CASE(4, 5, 7, 8, 7, 4, 1),     CASE(3, 16, 16, 16, 20, 255, 1), CASE(6, 5, 4, 6, 4, 0, 2), CASE(2, 30, 50, 32, 64, 4, 2),
};

// A product and a sum of floats for the colours; targets are small integers.
const struct check_op check_unpack_image = {
    .op = "unpack_image",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .forward_tolerance = 3e-7,
};
