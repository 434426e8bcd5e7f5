// SPDX-License-Identifier: MIT
// concat, slice_c: copies, so exact; a gradient is rounded once where it is accumulated.
#include "check/check.h"

#define COPY_TOLERANCE 1e-7

static uint64_t pixels(struct op_shape s)
{
    return op_count(s) / s.c;
}

static void concat_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    uint32_t first = 0;
    for (uint32_t i = 0; i < 3 && in[i].v; i++) {
        const uint32_t c = in[i].shape.c;
        for (uint64_t p = 0; p < pixels(in[i].shape); p++) {
            for (uint32_t k = 0; k < c; k++) out[0].v[p * out[0].shape.c + first + k] = in[i].v[p * c + k];
        }
        first += c;
    }
}

static void slice_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    for (uint64_t p = 0; p < pixels(out[0].shape); p++) {
        for (uint32_t k = 0; k < attr->channels; k++) out[0].v[p * attr->channels + k] = in[0].v[p * in[0].shape.c + attr->mode + k];
    }
}

static const struct check_case concat_cases[] = {
    {.op = "concat", .in = {{1, 1, 1, 1}, {1, 1, 1, 1}}, .in_count = 2},
    {.op = "concat", .in = {{2, 3, 5, 7}, {2, 3, 5, 2}}, .in_count = 2},
    {.op = "concat", .in = {{2, 5, 3, 1}, {2, 5, 3, 33}, {2, 5, 3, 8}}, .in_count = 3},
    {.op = "concat", .in = {{1, 9, 12, 64}, {1, 9, 12, 32}}, .in_count = 2},
    {.op = "concat", .in = {{1, 3, 3, 16}, {1, 3, 3, 48}}, .in_count = 2},
    {.op = "concat", .in = {{2, 3, 5, 4}, {2, 3, 5, 12}, {2, 3, 5, 8}}, .in_count = 3, .type = GPU_FP16},
    {.op = "concat", .in = {{2, 3, 5, 2}, {2, 3, 5, 6}}, .in_count = 2, .type = GPU_BF16}, // of floats
};

static void upsample_concat_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape x = in[0].shape, y = out[0].shape;
    for (uint64_t p = 0; p < pixels(y); p++) {
        const uint64_t row = p / y.w, n = row / y.h, h = row % y.h / attr->upsample, w = p % y.w / attr->upsample;
        double *to = out[0].v + p * y.c;
        for (uint32_t k = 0; k < x.c; k++) to[k] = in[0].v[((n * x.h + h) * x.w + w) * x.c + k];
        for (uint32_t k = x.c; k < y.c; k++) to[k] = in[1].v[p * (y.c - x.c) + k - x.c];
    }
}

#define UPSAMPLE_CONCAT(n, h, w, c, up, skip) \
    {.op = "upsample_concat", .attr = {.upsample = up}, .in = {{n, h, w, c}, {n, h * up, w * up, skip}}, .in_count = 2}
static const struct check_case upsample_concat_cases[] = {
    UPSAMPLE_CONCAT(1, 1, 1, 1, 2, 1),   UPSAMPLE_CONCAT(2, 3, 2, 5, 2, 3),    UPSAMPLE_CONCAT(1, 2, 3, 4, 3, 8),
    UPSAMPLE_CONCAT(2, 3, 5, 16, 2, 32), UPSAMPLE_CONCAT(1, 3, 3, 48, 3, 16), UPSAMPLE_CONCAT(1, 9, 1, 8, 1, 8),
    UPSAMPLE_CONCAT(1, 3, 4, 64, 2, 32),
    {.op = "upsample_concat", .attr = {.upsample = 2}, .in = {{2, 3, 5, 8}, {2, 6, 10, 4}}, .in_count = 2, .type = GPU_FP16},
    {.op = "upsample_concat", .attr = {.upsample = 3}, .in = {{1, 2, 3, 4}, {1, 6, 9, 12}}, .in_count = 2, .type = GPU_BF16},
};

static const struct check_case slice_cases[] = {
    {.op = "slice_c", .attr = {.channels = 1}, .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "slice_c", .attr = {.mode = 2, .channels = 3}, .in = {{2, 5, 3, 7}}, .in_count = 1},
    {.op = "slice_c", .attr = {.mode = 31, .channels = 34}, .in = {{2, 7, 4, 65}}, .in_count = 1},
    {.op = "slice_c", .attr = {.mode = 5, .channels = 16}, .in = {{1, 9, 25, 23}}, .in_count = 1},
    {.op = "slice_c", .attr = {.mode = 16, .channels = 32}, .in = {{1, 3, 3, 48}}, .in_count = 1},
    {.op = "slice_c", .attr = {.mode = 7, .channels = 32}, .in = {{1, 3, 4, 39}}, .in_count = 1},
    {.op = "slice_c", .attr = {.mode = 5, .channels = 16}, .in = {{2, 3, 5, 24}}, .in_count = 1, .type = GPU_FP16},
    {.op = "slice_c", .attr = {.mode = 4, .channels = 2}, .in = {{2, 3, 5, 8}}, .in_count = 1, .type = GPU_BF16},
};

const struct check_op check_concat = {
    .op = "concat",
    .cases = concat_cases,
    .case_count = ARRAY_COUNT(concat_cases),
    .reference = concat_reference,
    .differentiable = 7,
    .forward_tolerance = COPY_TOLERANCE,
    .gradient_tolerance = COPY_TOLERANCE,
};
const struct check_op check_upsample_concat = {
    .op = "upsample_concat",
    .cases = upsample_concat_cases,
    .case_count = ARRAY_COUNT(upsample_concat_cases),
    .reference = upsample_concat_reference,
    .differentiable = 3,
    .forward_tolerance = COPY_TOLERANCE,
    .gradient_tolerance = 1e-6, // sums of up to 9 elements
};
const struct check_op check_slice_c = {
    .op = "slice_c",
    .cases = slice_cases,
    .case_count = ARRAY_COUNT(slice_cases),
    .reference = slice_reference,
    .forward_tolerance = COPY_TOLERANCE,
};
