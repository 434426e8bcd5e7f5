// SPDX-License-Identifier: MIT
// add, scale, weighted_sum, fill: one rounding per element, or one per operand.
#include "check/check.h"

static void add_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    for (uint64_t i = 0; i < op_count(out[0].shape); i++) out[0].v[i] = in[0].v[i] + in[1].v[i];
}

static void scale_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    for (uint64_t i = 0; i < op_count(out[0].shape); i++) out[0].v[i] = (double)attr->alpha * in[0].v[i];
}

static void weighted_sum_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    out[0].v[0] = 0;
    for (uint32_t i = 0; i < 3 && in[i].v; i++) out[0].v[0] += (double)attr->weights[i] * in[i].v[0];
}

static void fill_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)in;
    out[0].v[0] = (double)attr->alpha;
}

static const struct check_case add_cases[] = {
    {.op = "add", .in = {{1, 1, 1, 1}, {1, 1, 1, 1}}, .in_count = 2},
    {.op = "add", .in = {{2, 5, 7, 3}, {2, 5, 7, 3}}, .in_count = 2},
    {.op = "add", .in = {{1, 3, 3, 16}, {1, 3, 3, 16}}, .in_count = 2},
    {.op = "add", .in = {{3, 9, 16, 32}, {3, 9, 16, 32}}, .in_count = 2},
    {.op = "add", .in = {{2, 5, 7, 4}, {2, 5, 7, 4}}, .in_count = 2, .type = GPU_FP16},
    {.op = "add", .in = {{2, 5, 7, 12}, {2, 5, 7, 12}}, .in_count = 2, .type = GPU_BF16},
};

// The last has more workgroups than the 65535 that every device takes in one direction: indices fold.
static const struct check_case scale_cases[] = {
    {.op = "scale", .attr.alpha = -2.5f, .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "scale", .attr.alpha = 0.3f, .in = {{2, 13, 5, 3}}, .in_count = 1},
    {.op = "scale", .attr.alpha = -0.7f, .in = {{2, 3, 11, 16}}, .in_count = 1},
    {.op = "scale", .attr.alpha = 3, .in = {{1, 1, 65537, 65}}, .in_count = 1},
};

static const struct check_case weighted_sum_cases[] = {
    {.op = "weighted_sum", .attr.weights = {0.5f}, .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "weighted_sum", .attr.weights = {0.75f, 0.25f}, .in = {{1, 1, 1, 1}, {1, 1, 1, 1}}, .in_count = 2},
    {.op = "weighted_sum", .attr.weights = {1, -2, 0.1f}, .in = {{1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}}, .in_count = 3},
};

static const struct check_case fill_cases[] = {
    {.op = "fill", .attr.alpha = 1},
    {.op = "fill", .attr.alpha = -0.0625f},
};

const struct check_op check_add = {
    .op = "add",
    .cases = add_cases,
    .case_count = ARRAY_COUNT(add_cases),
    .reference = add_reference,
    .differentiable = 3,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_scale = {
    .op = "scale",
    .cases = scale_cases,
    .case_count = ARRAY_COUNT(scale_cases),
    .reference = scale_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_weighted_sum = {
    .op = "weighted_sum",
    .cases = weighted_sum_cases,
    .case_count = ARRAY_COUNT(weighted_sum_cases),
    .reference = weighted_sum_reference,
    .differentiable = 7,
    .forward_tolerance = 1e-6,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_fill = {
    .op = "fill",
    .cases = fill_cases,
    .case_count = ARRAY_COUNT(fill_cases),
    .reference = fill_reference,
    .forward_tolerance = 1e-7,
};
