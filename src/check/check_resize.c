// SPDX-License-Identifier: MIT
// crop, upsample_nearest, upsample_bilinear. The first two copy (backward sums of up to 12 terms); bilinear positions are exact, the
// weights rounded.
#include "check/nhwc.h"

#include <math.h>

static void crop_element(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *y, struct op_shape at)
{
    (void)attr;
    *check_at(y, at.n, at.h, at.w, at.c) = *check_at(in, at.n, at.h, at.w, at.c);
}

static void nearest_element(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *y, struct op_shape at)
{
    const uint32_t fh = attr->size[0] / in->shape.h, fw = attr->size[1] / in->shape.w;
    *check_at(y, at.n, at.h, at.w, at.c) = *check_at(in, at.n, at.h / fh, at.w / fw, at.c);
}

// Position in the operand, with the element before it in *low and the one behind in *high.
static double position(uint32_t o, uint32_t from, uint32_t to, uint32_t *low, uint32_t *high)
{
    const double p = fmax((o + 0.5) * from / to - 0.5, 0);
    *low = (uint32_t)p;
    *high = *low + 1 < from ? *low + 1 : *low;
    return p - *low;
}

static void bilinear_element(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *y, struct op_shape at)
{
    uint32_t h0, h1, w0, w1;
    const double fh = position(at.h, in->shape.h, attr->size[0], &h0, &h1), fw = position(at.w, in->shape.w, attr->size[1], &w0, &w1);
    const double top = (1 - fw) * *check_at(in, at.n, h0, w0, at.c) + fw * *check_at(in, at.n, h0, w1, at.c);
    const double bottom = (1 - fw) * *check_at(in, at.n, h1, w0, at.c) + fw * *check_at(in, at.n, h1, w1, at.c);
    *check_at(y, at.n, at.h, at.w, at.c) = (1 - fh) * top + fh * bottom;
}

static void crop_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    check_for_each(crop_element, attr, in, out);
}

static void nearest_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    check_for_each(nearest_element, attr, in, out);
}

static void bilinear_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    check_for_each(bilinear_element, attr, in, out);
}

static const struct check_case crop_cases[] = {
    {.op = "crop", .attr.size = {1, 1}, .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "crop", .attr.size = {5, 3}, .in = {{2, 8, 8, 3}}, .in_count = 1},
    {.op = "crop", .attr.size = {7, 11}, .in = {{3, 7, 13, 5}}, .in_count = 1},
    {.op = "crop", .attr.size = {1, 31}, .in = {{1, 32, 32, 4}}, .in_count = 1},
};

static const struct check_case nearest_cases[] = {
    {.op = "upsample_nearest", .attr.size = {1, 1}, .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "upsample_nearest", .attr.size = {2, 2}, .in = {{2, 1, 1, 5}}, .in_count = 1},
    {.op = "upsample_nearest", .attr.size = {10, 14}, .in = {{2, 5, 7, 3}}, .in_count = 1},
    {.op = "upsample_nearest", .attr.size = {9, 20}, .in = {{1, 3, 5, 33}}, .in_count = 1},
    {.op = "upsample_nearest", .attr.size = {6, 4}, .in = {{2, 3, 4, 16}}, .in_count = 1},
    {.op = "upsample_nearest", .attr.size = {4, 15}, .in = {{1, 2, 5, 48}}, .in_count = 1},
    {.op = "upsample_nearest", .attr.size = {4, 15}, .in = {{2, 2, 5, 12}}, .in_count = 1, .type = GPU_FP16},
};

// Larger, smaller, odd ratios, either axis alone.
static const struct check_case bilinear_cases[] = {
    {.op = "upsample_bilinear", .attr.size = {1, 1}, .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "upsample_bilinear", .attr.size = {4, 6}, .in = {{1, 1, 1, 3}}, .in_count = 1},
    {.op = "upsample_bilinear", .attr.size = {10, 14}, .in = {{2, 5, 7, 3}}, .in_count = 1},
    {.op = "upsample_bilinear", .attr.size = {13, 7}, .in = {{2, 5, 7, 2}}, .in_count = 1},
    {.op = "upsample_bilinear", .attr.size = {4, 5}, .in = {{1, 9, 13, 3}}, .in_count = 1},
    {.op = "upsample_bilinear", .attr.size = {24, 16}, .in = {{1, 6, 4, 17}}, .in_count = 1},
};

const struct check_op check_crop = {
    .op = "crop",
    .cases = crop_cases,
    .case_count = ARRAY_COUNT(crop_cases),
    .reference = crop_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-7,
};
const struct check_op check_upsample_nearest = {
    .op = "upsample_nearest",
    .cases = nearest_cases,
    .case_count = ARRAY_COUNT(nearest_cases),
    .reference = nearest_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_upsample_bilinear = {
    .op = "upsample_bilinear",
    .cases = bilinear_cases,
    .case_count = ARRAY_COUNT(bilinear_cases),
    .reference = bilinear_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-6,
    .gradient_tolerance = 2e-6,
};
