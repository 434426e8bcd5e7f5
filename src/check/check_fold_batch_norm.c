// SPDX-License-Identifier: MIT
// fold_batch_norm: a square root and three operations an element, each rounded once (6e-8), the root and the division by up to 3 units.
#include "check/check.h"

#include <math.h>

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.n;
    const uint64_t row = op_count(in[0].shape) / channels;
    for (uint32_t o = 0; o < channels; o++) {
        const double factor = in[1].v[o] / sqrt(in[2].v[channels + o] + (double)attr->eps);
        for (uint64_t i = o * row; i < (o + 1) * row; i++) out[0].v[i] = in[0].v[i] * factor;
        out[1].v[o] = ((in[3].v ? in[3].v[o] : 0) - in[2].v[o]) * factor + in[1].v[channels + o];
    }
}

#define CASE(o, h, w, c, bias)                                                                                          \
    {                                                                                                                   \
        .op = "fold_batch_norm", .attr = {.eps = 1e-5f},                                                                \
        .in = {{o, h, w, c}, {1, 1, 2, o}, {1, 1, 2, o}, {bias, bias, bias, bias ? o : 0}}, .in_count = 4,              \
        .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE, CHECK_NORMAL},                                             \
    }

static const struct check_case cases[] = {CASE(1, 1, 1, 1, 0), CASE(5, 3, 3, 7, 0), CASE(70, 1, 1, 9, 1), CASE(8, 3, 2, 4, 1)};

const struct check_op check_fold_batch_norm = {
    .op = "fold_batch_norm",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .forward_tolerance = 1e-6,
};
