// SPDX-License-Identifier: MIT
#include "check/check.h"

#include <math.h>

static double weight_of(uint32_t count, const float *weights, uint64_t c)
{
    return count == 0 ? 1 : (double)weights[count == 1 ? 0 : c];
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint64_t count = op_count(in[0].shape);
    const double smoothing = (double)attr->label_smoothing;
    double sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t c = i % in[0].shape.c;
        const double z = in[0].v[i], t = in[1].v[i] * (1 - 2 * smoothing) + smoothing;
        const double positive = log1p(exp(-fabs(z))) + fmax(-z, 0), negative = positive + z; // -log p, -log(1 - p)
        sum += weight_of(attr->class_weights, attr->class_weight, c) *
               (weight_of(attr->pos_weights, attr->pos_weight, c) * t * positive + (1 - t) * negative);
    }
    out[0].v[0] = sum / (double)count;
}

#define CASE(n, h, w, c, target) {.op = "bce_with_logits", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, target}}
#define WEIGHTED(n, h, w, c, smoothing, ...)                                                                        \
    {                                                                                                                \
        .op = "bce_with_logits", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}, \
        .attr = {.label_smoothing = smoothing, __VA_ARGS__}                                                          \
    }
static const struct check_case cases[] = {
    CASE(1, 1, 1, 1, CHECK_BITS),   CASE(1, 3, 5, 4, CHECK_BITS),      CASE(2, 7, 9, 3, CHECK_UNIFORM),
    CASE(3, 33, 17, 4, CHECK_BITS), CASE(2, 64, 96, 4, CHECK_UNIFORM),
    WEIGHTED(2, 7, 9, 3, 0.1f, 0), WEIGHTED(2, 9, 16, 4, 0, .pos_weights = 1, .pos_weight = {3}),
    WEIGHTED(2, 9, 16, 4, 0.05f, .pos_weights = 4, .pos_weight = {0.5f, 1, 2, 8}, .class_weights = 4, .class_weight = {3, 0, 1, 0.25f}),
    WEIGHTED(1, 5, 5, 13, 0, .pos_weights = 1, .pos_weight = {2}, .class_weights = 1, .class_weight = {0.5f}),
};

// Sums of up to 50000 terms of like size, in a tree: a few roundings of 6e-8.
const struct check_op check_bce_with_logits = {
    .op = "bce_with_logits",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 1e-6,
    .gradient_tolerance = 2e-6,
};
