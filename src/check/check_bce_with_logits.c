// SPDX-License-Identifier: MIT
#include "check/check.h"

#include <math.h>

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    const uint64_t count = op_count(in[0].shape);
    double sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        const double z = in[0].v[i], t = in[1].v[i];
        sum += fmax(z, 0) - z * t + log1p(exp(-fabs(z)));
    }
    out[0].v[0] = sum / (double)count;
}

#define CASE(n, h, w, c, target) {.op = "bce_with_logits", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, target}}
static const struct check_case cases[] = {
    CASE(1, 1, 1, 1, CHECK_BITS),   CASE(1, 3, 5, 4, CHECK_BITS),      CASE(2, 7, 9, 3, CHECK_UNIFORM),
    CASE(3, 33, 17, 4, CHECK_BITS), CASE(2, 64, 96, 4, CHECK_UNIFORM),
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
