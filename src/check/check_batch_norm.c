// SPDX-License-Identifier: MIT
// batch_norm, batch_norm_infer. Sums of up to 1600 terms in single precision as trees: some units in the last place (1.2e-7), for
// gradients times the cancellation of the three terms of dx.
#include "check/check.h"

#include <math.h>

static void moments(const struct check_tensor *x, uint32_t c, double *mean, double *m2)
{
    const uint64_t rows = op_count(x->shape) / x->shape.c;
    *mean = *m2 = 0;
    for (uint64_t r = 0; r < rows; r++) *mean += x->v[r * x->shape.c + c] / (double)rows;
    for (uint64_t r = 0; r < rows; r++) *m2 += pow(x->v[r * x->shape.c + c] - *mean, 2);
}

static void normalise(const struct check_tensor *in, const struct check_tensor *y, uint32_t c, double mean, double inverse)
{
    const uint32_t channels = y->shape.c;
    for (uint64_t i = c; i < op_count(y->shape); i += channels)
        y->v[i] = (in[0].v[i] - mean) * inverse * in[1].v[c] + in[1].v[channels + c];
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.c;
    const double rows = (double)op_count(in[0].shape) / channels, share = (double)attr->momentum;
    for (uint32_t c = 0; c < channels; c++) {
        double mean, m2;
        moments(&in[0], c, &mean, &m2);
        double *running = &in[2].v[c], *running_variance = &in[2].v[channels + c];
        *running = (1 - share) * *running + share * mean;
        *running_variance = (1 - share) * *running_variance + share * m2 / fmax(rows - 1, 1);
        out[1].v[c] = mean;
        out[1].v[channels + c] = 1 / sqrt(m2 / rows + (double)attr->eps);
        normalise(in, &out[0], c, mean, out[1].v[channels + c]);
    }
}

static void infer_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.c;
    for (uint32_t c = 0; c < channels; c++)
        normalise(in, &out[0], c, in[2].v[c], 1 / sqrt(in[2].v[channels + c] + (double)attr->eps));
}

#define CASE(name, n, h, w, c)                                                                                               \
    {                                                                                                                        \
        .op = #name, .attr = {.eps = 1e-5f, .momentum = 0.1f}, .in = {{n, h, w, c}, {1, 1, 2, c}, {1, 1, 2, c}}, .in_count = 3, \
        .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE},                                                                \
    }

// Few and many channels (either side of the width of a workgroup), one and many partial sums, the last one incomplete.
static const struct check_case cases[] = {
    CASE(batch_norm, 2, 1, 1, 1), CASE(batch_norm, 1, 4, 4, 8),   CASE(batch_norm, 3, 5, 7, 3),
    CASE(batch_norm, 2, 3, 5, 70), CASE(batch_norm, 2, 20, 20, 5), CASE(batch_norm, 2, 17, 13, 33),
};

static const struct check_case infer_cases[] = {
    CASE(batch_norm_infer, 1, 1, 1, 1),
    CASE(batch_norm_infer, 2, 5, 7, 3),
    CASE(batch_norm_infer, 1, 9, 8, 65),
};

const struct check_op check_batch_norm = {
    .op = "batch_norm",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 3,
    .forward_tolerance = 4e-6,
    .gradient_tolerance = 1e-5,
};
const struct check_op check_batch_norm_infer = {
    .op = "batch_norm_infer",
    .cases = infer_cases,
    .case_count = ARRAY_COUNT(infer_cases),
    .reference = infer_reference,
    .forward_tolerance = 4e-6,
};
