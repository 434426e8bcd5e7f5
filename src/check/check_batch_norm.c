// SPDX-License-Identifier: MIT
// batch_norm, batch_norm_stats, batch_norm_infer, batch_norm_apply. Sums of up to 1600 terms in single precision as trees: some units in the last place
// (1.2e-7), for gradients times the cancellation of the three terms of dx. Moments that are given are those of x, and the reference
// always computes them anew: the gradient includes their share. Cases with ReLU are so small that no result is so near to 0 that a
// difference step changes its sign.
#include "check/fill.h"

#include <math.h>

static void normalise(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *y, uint32_t c, double mean,
                      double inverse)
{
    const uint32_t channels = y->shape.c;
    for (uint64_t i = c; i < op_count(y->shape); i += channels) {
        y->v[i] = (in[0].v[i] - mean) * inverse * in[1].v[c] + in[1].v[channels + c] + (in[3].v ? in[3].v[i] : 0);
        if (attr->relu && y->v[i] < 0) y->v[i] = 0;
    }
}

static void stats_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.c;
    const double rows = (double)op_count(in[0].shape) / channels, share = (double)attr->momentum;
    for (uint32_t c = 0; c < channels; c++) {
        double mean, m2;
        check_moments(&in[0], c, &mean, &m2);
        double *running = &in[2].v[c], *running_variance = &in[2].v[channels + c];
        *running = (1 - share) * *running + share * mean;
        *running_variance = (1 - share) * *running_variance + share * m2 / fmax(rows - 1, 1);
        out[0].v[c] = mean;
        out[0].v[channels + c] = 1 / sqrt(m2 / rows + (double)attr->eps);
        out[0].v[2 * channels + c] = in[1].v[c] * out[0].v[channels + c];
        out[0].v[3 * channels + c] = in[1].v[channels + c];
    }
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.c;
    stats_reference(attr, in, &out[1]);
    for (uint32_t c = 0; c < channels; c++) normalise(attr, in, &out[0], c, out[1].v[c], out[1].v[channels + c]);
}

static void infer_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.c;
    for (uint32_t c = 0; c < channels; c++)
        normalise(attr, in, &out[0], c, in[2].v[c], 1 / sqrt(in[2].v[channels + c] + (double)attr->eps));
}

// saved [4][channels]: mean, inverse deviation, factor, bias.
static void apply_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t channels = in[0].shape.c;
    for (uint64_t i = 0; i < op_count(in[0].shape); i++) {
        const double *saved = in[1].v + i % channels, value = (in[0].v[i] - saved[0]) * saved[2 * channels] + saved[3 * channels];
        out[0].v[i] = value + (in[2].v ? in[2].v[i] : 0);
        if (attr->relu && out[0].v[i] < 0) out[0].v[i] = 0;
    }
}

#define SHAPE(n, h, w, c) {n, h, w, c}
#define NO_SHAPE {0}
#define CASE(with_relu, x, c, residual, moments)                                                                  \
    {                                                                                                                   \
        .op = "batch_norm", .attr = {.eps = 1e-5f, .momentum = 0.1f, .relu = with_relu},                                       \
        .in = {x, {1, 1, 2, c}, {1, 1, 2, c}, residual, moments}, .in_count = 5,                                        \
        .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE, CHECK_NORMAL, CHECK_MOMENTS},                              \
    }
#define PLAIN(n, h, w, c)                                                                                               \
    {                                                                                                                   \
        .op = "batch_norm", .attr = {.eps = 1e-5f, .momentum = 0.1f}, .in = {{n, h, w, c}, {1, 1, 2, c}, {1, 1, 2, c}}, \
        .in_count = 3, .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE},                                            \
    }
#define RELU(n, h, w, c) CASE(1, SHAPE(n, h, w, c), c, NO_SHAPE, NO_SHAPE)
#define ADD(relu, n, h, w, c) CASE(relu, SHAPE(n, h, w, c), c, SHAPE(n, h, w, c), NO_SHAPE)
#define GIVEN(relu, n, h, w, c) CASE(relu, SHAPE(n, h, w, c), c, NO_SHAPE, SHAPE(1, 1, 2, c))
#define ALL(n, h, w, c) CASE(1, SHAPE(n, h, w, c), c, SHAPE(n, h, w, c), SHAPE(1, 1, 2, c))
#define TYPED(number, relu_, n, h, w, c, residual, moments)                                                             \
    {                                                                                                                   \
        .op = "batch_norm", .attr = {.eps = 1e-5f, .momentum = 0.1f, .relu = relu_}, .type = number,                    \
        .in = {{n, h, w, c}, {1, 1, 2, c}, {1, 1, 2, c}, residual, moments}, .in_count = 5,                             \
        .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE, CHECK_NORMAL, CHECK_MOMENTS},                              \
    }
#define STATS(n, h, w, c, moments)                                                                                      \
    {                                                                                                                   \
        .op = "batch_norm_stats", .attr = {.eps = 1e-5f, .momentum = 0.1f},                                             \
        .in = {{n, h, w, c}, {1, 1, 2, c}, {1, 1, 2, c}, moments}, .in_count = 4,                                       \
        .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE, CHECK_MOMENTS},                                            \
    }
#define INFER(cut, n, h, w, c) \
    {.op = "batch_norm_infer", .attr = {.eps = 1e-5f, .relu = cut}, .in = {{n, h, w, c}, {1, 1, 2, c}, {1, 1, 2, c}}, .in_count = 3, \
     .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE}}
#define INFER_ADD(cut, n, h, w, c) \
    {.op = "batch_norm_infer", .attr = {.eps = 1e-5f, .relu = cut}, .in = {{n, h, w, c}, {1, 1, 2, c}, {1, 1, 2, c}, {n, h, w, c}}, \
     .in_count = 4, .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE}}
#define APPLY(cut, x, c, residual) \
    {.op = "batch_norm_apply", .attr = {.relu = cut}, .in = {x, {1, 1, 4, c}, residual}, .in_count = 3}

// Few and many channels (either side of the width of a workgroup), one and many partial sums, the last one incomplete.
static const struct check_case cases[] = {
    PLAIN(2, 1, 1, 1),     PLAIN(1, 4, 4, 8),     PLAIN(3, 5, 7, 3),    PLAIN(2, 3, 5, 70),    PLAIN(2, 20, 20, 5),  PLAIN(2, 17, 13, 33),
    RELU(1, 4, 4, 8),      RELU(3, 5, 7, 3),      RELU(1, 1, 6, 70),    ADD(0, 2, 5, 6, 9),    ADD(1, 2, 4, 6, 9),   ADD(1, 1, 1, 7, 66),
    GIVEN(0, 2, 7, 5, 12), GIVEN(1, 2, 4, 5, 12), ALL(1, 1, 5, 4),      ALL(2, 6, 3, 13),
    // Kernels with SOFTWARE: rows in eights or not, one vector of columns, several at a time, several times; more than one
    // chunk. Few elements where there is a ReLU: none may be so near 0 that a difference crosses it.
    RELU(1, 8, 1, 16),     PLAIN(1, 3, 5, 48),    ALL(1, 3, 3, 32),     PLAIN(2, 11, 13, 64),  ADD(0, 1, 9, 7, 320), PLAIN(3, 37, 29, 16),
    // Elements of 16 bits: few and many pairs of channels, everything that goes with them.
    TYPED(GPU_FP16, 0, 2, 17, 13, 36, NO_SHAPE, NO_SHAPE), TYPED(GPU_BF16, 0, 3, 5, 7, 140, NO_SHAPE, NO_SHAPE),
    TYPED(GPU_FP16, 1, 1, 4, 4, 8, NO_SHAPE, NO_SHAPE),    TYPED(GPU_BF16, 1, 1, 5, 4, 4, NO_SHAPE, SHAPE(1, 1, 2, 4)),
    TYPED(GPU_FP16, 1, 2, 3, 6, 12, SHAPE(2, 3, 6, 12), SHAPE(1, 1, 2, 12)), TYPED(GPU_BF16, 0, 2, 3, 6, 12, SHAPE(2, 3, 6, 12), NO_SHAPE),
};

static const struct check_case stats_cases[] = {
    STATS(3, 5, 7, 3, NO_SHAPE),
    STATS(2, 17, 13, 33, SHAPE(1, 1, 2, 33)),
    STATS(3, 37, 29, 16, NO_SHAPE),
    STATS(1, 9, 7, 320, SHAPE(1, 1, 2, 320)),
    {.op = "batch_norm_stats", .attr = {.eps = 1e-5f, .momentum = 0.1f}, .in = {{2, 17, 13, 36}, {1, 1, 2, 36}, {1, 1, 2, 36}},
     .in_count = 3, .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE}, .type = GPU_FP16},
};

static const struct check_case infer_cases[] = {
    INFER(0, 1, 1, 1, 1),     INFER(0, 2, 5, 7, 3),      INFER(0, 1, 9, 8, 65),     INFER(1, 2, 5, 7, 3),
    INFER_ADD(0, 1, 5, 7, 6), INFER_ADD(1, 2, 3, 4, 66), INFER_ADD(1, 1, 3, 5, 48),
    {.op = "batch_norm_infer", .attr = {.eps = 1e-5f, .relu = 1}, .in = {{1, 5, 7, 12}, {1, 1, 2, 12}, {1, 1, 2, 12}, {1, 5, 7, 12}},
     .in_count = 4, .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE}, .type = GPU_FP16},
};

static const struct check_case apply_cases[] = {
    APPLY(0, SHAPE(1, 1, 1, 1), 1, NO_SHAPE),            APPLY(1, SHAPE(2, 5, 7, 3), 3, NO_SHAPE),
    APPLY(1, SHAPE(1, 9, 8, 65), 65, NO_SHAPE),          APPLY(0, SHAPE(1, 5, 7, 6), 6, SHAPE(1, 5, 7, 6)),
    APPLY(1, SHAPE(2, 3, 5, 48), 48, SHAPE(2, 3, 5, 48)), APPLY(1, SHAPE(3, 37, 29, 16), 16, SHAPE(3, 37, 29, 16)),
    APPLY(1, SHAPE(1, 9, 7, 320), 320, NO_SHAPE),
    {.op = "batch_norm_apply", .attr = {.relu = 1}, .in = {{1, 9, 7, 68}, {1, 1, 4, 68}, {1, 9, 7, 68}}, .in_count = 3, .type = GPU_BF16},
};

const struct check_op check_batch_norm = {
    .op = "batch_norm",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 11,
    .forward_tolerance = 4e-6,
    .gradient_tolerance = 1e-5,
};
const struct check_op check_batch_norm_stats = {
    .op = "batch_norm_stats",
    .cases = stats_cases,
    .case_count = ARRAY_COUNT(stats_cases),
    .reference = stats_reference,
    .forward_tolerance = 4e-6,
};
const struct check_op check_batch_norm_infer = {
    .op = "batch_norm_infer",
    .cases = infer_cases,
    .case_count = ARRAY_COUNT(infer_cases),
    .reference = infer_reference,
    .forward_tolerance = 4e-6,
};
const struct check_op check_batch_norm_apply = {
    .op = "batch_norm_apply",
    .cases = apply_cases,
    .case_count = ARRAY_COUNT(apply_cases),
    .reference = apply_reference,
    .forward_tolerance = 4e-6,
};
