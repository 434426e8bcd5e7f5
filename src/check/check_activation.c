// SPDX-License-Identifier: MIT
// relu, leaky_relu, sigmoid. The first two are exact but for one product. The exponential may be off by 3 + 2 |x| units in the last
// place, which is 2e-6 for the values tested.
#include "check/check.h"

#include <math.h>

typedef double function(double x, double alpha);

static void apply(function *f, const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    for (uint64_t i = 0; i < op_count(out[0].shape); i++) out[0].v[i] = f(in[0].v[i], (double)attr->alpha);
}

static double relu(double x, double alpha)
{
    (void)alpha;
    return x > 0 ? x : 0;
}

static double leaky_relu(double x, double alpha)
{
    return x > 0 ? x : alpha * x;
}

static double sigmoid(double x, double alpha)
{
    (void)alpha;
    return 1 / (1 + exp(-x));
}

static void relu_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    apply(relu, attr, in, out);
}

static void leaky_relu_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    apply(leaky_relu, attr, in, out);
}

static void sigmoid_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    apply(sigmoid, attr, in, out);
}

#define SHAPES(name, slope, filling, ...)                                                                                \
    static const struct check_case name##_cases[] = {                                                                    \
        {.op = #name, .attr.alpha = (slope), .in = {{1, 1, 1, 1}}, .in_count = 1, .fill = {(filling)}},                  \
        {.op = #name, .attr.alpha = (slope), .in = {{2, 3, 5, 7}}, .in_count = 1, .fill = {(filling)}},                  \
        {.op = #name, .attr.alpha = (slope), .in = {{1, 8, 8, 64}}, .in_count = 1, .fill = {(filling)}},                 \
        {.op = #name, .attr.alpha = (slope), .in = {{1, 3, 91, 16}}, .in_count = 1, .fill = {(filling)}},                \
        {.op = #name, .attr.alpha = (slope), .in = {{3, 17, 11, 13}}, .in_count = 1, .fill = {(filling)}},               \
        __VA_ARGS__                                                                                                      \
    }

SHAPES(relu, 0, CHECK_DISTINCT, {.op = "relu", .in = {{1, 7, 9, 4}}, .in_count = 1, .fill = {CHECK_DISTINCT}, .type = GPU_FP16},
       {.op = "relu", .in = {{1, 3, 5, 12}}, .in_count = 1, .fill = {CHECK_DISTINCT}, .type = GPU_BF16});
SHAPES(leaky_relu, 0.125f, CHECK_DISTINCT, );
SHAPES(sigmoid, 0, CHECK_NORMAL, );

const struct check_op check_relu = {
    .op = "relu",
    .cases = relu_cases,
    .case_count = ARRAY_COUNT(relu_cases),
    .reference = relu_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_leaky_relu = {
    .op = "leaky_relu",
    .cases = leaky_relu_cases,
    .case_count = ARRAY_COUNT(leaky_relu_cases),
    .reference = leaky_relu_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_sigmoid = {
    .op = "sigmoid",
    .cases = sigmoid_cases,
    .case_count = ARRAY_COUNT(sigmoid_cases),
    .reference = sigmoid_reference,
    .differentiable = 1,
    .forward_tolerance = 4e-6,
    .gradient_tolerance = 4e-6,
};
