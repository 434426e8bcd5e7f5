// SPDX-License-Identifier: MIT
#include "base/rng.h"
#include "check/check.h"

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t key[2] = {check_step.seed_lo, check_step.seed_hi};
    const double threshold = (double)attr->p;
    for (uint64_t i = 0; i < op_count(in[0].shape); i++) {
        const uint32_t counter[4] = {(uint32_t)(i / 4), check_step.count, attr->seed_id, BASE_RNG_DROPOUT};
        uint32_t words[4];
        base_philox(counter, key, words);
        const double uniform = (words[i % 4] >> 8) * 0x1p-24;
        out[0].v[i] = uniform >= threshold ? in[0].v[i] / (1 - threshold) : 0;
    }
}

#define CASE(n, h, w, c, probability, stream) \
    {.op = "dropout", .in = {{n, h, w, c}}, .in_count = 1, .fill = {CHECK_NORMAL}, .attr = {.p = probability, .seed_id = stream}}
static const struct check_case cases[] = {
    CASE(1, 1, 1, 1, 0.5f, 1),   CASE(1, 1, 1, 7, 0.0f, 2),           CASE(2, 3, 5, 6, 0.2f, 3),
    CASE(2, 16, 16, 8, 0.5f, 4), CASE(1, 7, 9, 5, 0.9f, 0xffffffffu),
};

// One multiplication.
const struct check_op check_dropout = {
    .op = "dropout",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 2e-7,
    .gradient_tolerance = 2e-7,
};
