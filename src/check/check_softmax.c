// SPDX-License-Identifier: MIT
// softmax. Tolerance: the exponential's 3 + 2 |x| units in the last place, for differences of up to 8.
#include "check/check.h"

#include <math.h>

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    const uint32_t c = in[0].shape.c;
    for (uint64_t i = 0; i < op_count(in[0].shape); i += c) {
        double most = in[0].v[i], sum = 0;
        for (uint32_t k = 1; k < c; k++) most = fmax(most, in[0].v[i + k]);
        for (uint32_t k = 0; k < c; k++) sum += exp(in[0].v[i + k] - most);
        for (uint32_t k = 0; k < c; k++) out[0].v[i + k] = exp(in[0].v[i + k] - most) / sum;
    }
}

static const struct check_case cases[] = {
    {.op = "softmax", .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "softmax", .in = {{1, 1, 1, 5}}, .in_count = 1},
    {.op = "softmax", .in = {{2, 7, 9, 4}}, .in_count = 1},
    {.op = "softmax", .in = {{2, 5, 3, 130}}, .in_count = 1},
};

const struct check_op check_softmax = {
    .op = "softmax",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 4e-6,
    .gradient_tolerance = 4e-6,
};
