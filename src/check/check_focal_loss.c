// SPDX-License-Identifier: MIT
#include "check/classes.h"

#include <math.h>

static double focal(const struct op_attr *attr, double z, bool positive)
{
    const double alpha = (double)attr->alpha, log_pt = -log1p(exp(positive ? -z : z));
    const double weight = attr->alpha == 0 ? 1 : positive ? alpha : 1 - alpha;
    return weight * pow(1 - exp(log_pt), (double)attr->gamma) * -log_pt;
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape logits = in[0].shape;
    double p[CHECK_MAX_CLASSES], t[CHECK_MAX_CLASSES], sum = 0, count = 0;
    for (uint64_t i = 0; i < (uint64_t)logits.n * logits.h * logits.w; i++) {
        if (!check_classes(attr, in, i, p, t)) continue;
        for (uint32_t c = 0; c < logits.c; c++)
            sum += focal(attr, in[0].v[i * logits.c + c], t[c] > 0.5);
        count += attr->mode ? 1 : logits.c;
    }
    out[0].v[0] = count > 0 ? sum / count : 0;
    out[1].v[0] = count;
}

#define SIGMOID(n, h, w, c, a, g)                                                                                                          \
    {                                                                                                                                      \
        .op = "focal_loss", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}, .attr = {               \
            .alpha = a,                                                                                                                    \
            .gamma = g                                                                                                                     \
        }                                                                                                                                  \
    }
#define INDEX(n, h, w, c, bound, a, g)                                                                                                     \
    {                                                                                                                                      \
        .op = "focal_loss", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX}, .index_bound = bound,  \
        .attr = {                                                                                                                          \
            .mode = 1,                                                                                                                     \
            .ignore_index = 255,                                                                                                           \
            .alpha = a,                                                                                                                    \
            .gamma = g                                                                                                                     \
        }                                                                                                                                  \
    }
static const struct check_case cases[] = {
    SIGMOID(1, 1, 1, 1, 0.25f, 2),   SIGMOID(2, 5, 7, 3, 0, 2),      SIGMOID(2, 9, 16, 4, 0.8f, 0.5f), SIGMOID(2, 9, 5, 4, 0, 0),
    SIGMOID(2, 40, 64, 4, 0.25f, 2), INDEX(2, 7, 9, 6, 4, 0.25f, 2), INDEX(2, 40, 64, 3, 3, 0, 1.5f),
};

// A power by way of a logarithm, which may be off by 2^-21, beside exp's few units in the last place; sums in a tree.
const struct check_op check_focal_loss = {
    .op = "focal_loss",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 3e-6,
    .gradient_tolerance = 1e-5,
};
