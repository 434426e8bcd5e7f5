// SPDX-License-Identifier: MIT
#include "check/classes.h"

static double weight_of(const struct op_attr *attr, uint32_t c)
{
    return attr->class_weights == 0 ? 1 : (double)attr->class_weight[attr->class_weights == 1 ? 0 : c];
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t classes = in[0].shape.c;
    const double smoothing = (double)attr->label_smoothing;
    double p[CHECK_MAX_CLASSES], sum = 0, count = 0;
    for (uint64_t i = 0; i < op_count(in[1].shape); i++) {
        const int label = check_label(attr, &in[1], i, classes);
        if (label < 0) continue;
        const double *z = in[0].v + i * classes, denominator = check_class_probs(z, classes, p);
        for (uint32_t c = 0; c < classes; c++) {
            const double target = smoothing / classes + ((int)c == label ? 1 - smoothing : 0);
            sum += target * weight_of(attr, c) * (denominator - z[c]);
        }
        count += weight_of(attr, (uint32_t)label);
    }
    out[0].v[0] = count > 0 ? sum / count : 0;
    out[1].v[0] = count;
}

#define CASE(n, h, w, c, bound, ignore)                                                                                         \
    {                                                                                                                           \
        .op = "softmax_cross_entropy", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX}, \
        .index_bound = bound, .attr.ignore_index = ignore                                                                       \
    }
#define WEIGHTED(n, h, w, c, bound, smoothing, ...)                                                                             \
    {                                                                                                                           \
        .op = "softmax_cross_entropy", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX}, \
        .index_bound = bound, .attr = {.ignore_index = 255, .label_smoothing = smoothing, __VA_ARGS__}                         \
    }
static const struct check_case cases[] = {
    CASE(1, 1, 1, 1, 1, 0),   CASE(1, 1, 1, 2, 2, 0),     CASE(1, 5, 7, 4, 4, 255),    CASE(2, 9, 11, 5, 5, 2),
    CASE(2, 6, 6, 3, 5, 255), CASE(3, 17, 13, 21, 21, 0), CASE(2, 48, 64, 4, 4, 255),
    WEIGHTED(2, 9, 11, 5, 5, 0.1f, 0), WEIGHTED(2, 9, 11, 3, 3, 0, .class_weights = 3, .class_weight = {0.25f, 3, 1}),
    WEIGHTED(1, 1, 3, 2, 2, 0.2f, .class_weights = 1, .class_weight = {0.1f}),
    WEIGHTED(2, 12, 16, 4, 4, 0.3f, .class_weights = 4, .class_weight = {1, 0, 2, 0.5f}),
};

// Sums of up to 6144 terms in a tree. Vulkan allows exp an error of 3 + 2 |x| units in the last place, here about ten.
const struct check_op check_softmax_cross_entropy = {
    .op = "softmax_cross_entropy",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 2e-6,
    .gradient_tolerance = 5e-6,
};
