// SPDX-License-Identifier: MIT
#include "check/check.h"
#include "grad_norm.h"

#include <math.h>

// --- sum_squares ------------------------------------------------------------------------------------------------------

// The kernel's own division of labour: group g of 128 invocations takes elements 128 g .. 128 g + 127 of every 128 * 1024.
static void sum_squares_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    for (uint32_t row = 0; row < SUM_SQUARES_ROWS; row++) out[0].v[row] = 0;
    for (uint64_t i = 0; i < op_count(in[0].shape); i++) out[0].v[i / 128 % SUM_SQUARES_ROWS] += in[0].v[i] * in[0].v[i];
}

#define SUM_SQUARES(count) {.op = "sum_squares", .in = {{1, 1, 1, count}}, .in_count = 1, .fill = {CHECK_NORMAL}}
static const struct check_case sum_squares_cases[] = {
    SUM_SQUARES(1), SUM_SQUARES(129), SUM_SQUARES(16), SUM_SQUARES(10007), SUM_SQUARES(131072), SUM_SQUARES(300001),
};

// Sums of at most 384 squares in a tree.
const struct check_op check_sum_squares = {
    .op = "sum_squares",
    .cases = sum_squares_cases,
    .case_count = ARRAY_COUNT(sum_squares_cases),
    .reference = sum_squares_reference,
    .forward_tolerance = 1e-6,
};

// --- clip_scale -------------------------------------------------------------------------------------------------------

static void clip_scale_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const double limit = (double)attr->alpha, scale = in[1].v ? in[1].v[0] : 1;
    double sum = 0;
    for (uint64_t i = 0; i < op_count(in[0].shape); i++) sum += in[0].v[i];
    out[0].v[0] = (limit > 0 ? fmin(1, limit / (sqrt(sum) / scale + 1e-6)) : 1) / scale;
    out[0].v[1] = sqrt(sum) / scale;
    out[0].v[2] = 1;
    out[0].v[3] = in[1].v ? scale : 0;
    if (in[1].v) in[2].v[0]++;
}

#define CLIP_SCALE(count, limit) \
    {.op = "clip_scale", .in = {{1, 1, 1, count}}, .in_count = 1, .fill = {CHECK_POSITIVE}, .attr.alpha = limit}
#define CLIP_SCALE_OF_LOSS(count, limit)                                                                                       \
    {.op = "clip_scale", .in = {{1, 1, 1, count}, {1, 1, 1, 1}, {1, 1, 1, 1}}, .in_count = 3,                                  \
     .fill = {CHECK_POSITIVE, CHECK_POSITIVE, CHECK_POSITIVE}, .attr.alpha = limit}
static const struct check_case clip_scale_cases[] = {
    CLIP_SCALE_OF_LOSS(3, 0.5f), CLIP_SCALE_OF_LOSS(700, 0.0f),
    CLIP_SCALE(1, 0.5f), CLIP_SCALE(1, 10.0f), CLIP_SCALE(3, 1.0f), CLIP_SCALE(3, 0.0f), CLIP_SCALE(3, -1.0f), CLIP_SCALE(1024, 20.0f),
};

// A sum of 1024 terms in a tree, and a root.
const struct check_op check_clip_scale = {
    .op = "clip_scale",
    .cases = clip_scale_cases,
    .case_count = ARRAY_COUNT(clip_scale_cases),
    .reference = clip_scale_reference,
    .forward_tolerance = 1e-6,
};
