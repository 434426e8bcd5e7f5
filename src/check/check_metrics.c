// SPDX-License-Identifier: MIT
#include "check/classes.h"
#include "check/verdict.h"
#include "metrics.h"

static bool is_positive(const struct op_attr *attr, const double *p, uint32_t classes, uint32_t c)
{
    if (attr->mode == 0) return p[c] >= (attr->alpha > 0 ? (double)attr->alpha : 0.5);
    uint32_t best = 0;
    for (uint32_t k = 1; k < classes; k++) best = p[k] > p[best] ? k : best;
    return best == c;
}

static void add_pixel(const struct op_attr *attr, const double *p, const double *t, uint32_t classes, double *result)
{
    for (uint32_t c = 0; c < classes; c++) {
        const bool positive = is_positive(attr, p, classes, c), is_true = t[c] > 0.5;
        double *words = result + c * METRICS_WORDS;
        words[positive ? (is_true ? 0 : 1) : (is_true ? 2 : 3)]++;
        words[4] += p[c] * t[c];
        words[5] += p[c];
        words[6] += t[c];
    }
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape logits = in[0].shape;
    const uint64_t pixels = (uint64_t)logits.h * logits.w;
    double p[CHECK_MAX_CLASSES], t[CHECK_MAX_CLASSES];
    for (uint64_t i = 0; i < op_count(out[0].shape); i++) out[0].v[i] = 0;
    for (uint64_t i = 0; i < logits.n * pixels; i++) {
        if (check_classes(attr, in, i, p, t)) add_pixel(attr, p, t, logits.c, out[0].v + i / pixels * logits.c * METRICS_WORDS);
    }
}

static void decode(uint32_t output, uint32_t *words, uint64_t count)
{
    (void)output;
    for (uint64_t i = 0; i < count; i++) {
        if (i % METRICS_WORDS < 4) words[i] = check_word((float)words[i]);
    }
}

#define SIGMOID(n, h, w, c, threshold)                                                                                      \
    {                                                                                                                       \
        .op = "metrics", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}, .attr.alpha = threshold \
    }
#define ONE_HOT(n, h, w, c) \
    {.op = "metrics", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}, .attr.mode = 1}
#define INDEX(n, h, w, c, bound, ignore)                                                                           \
    {                                                                                                              \
        .op = "metrics", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX},   \
        .index_bound = bound, .attr = {.mode = 1, .ignore_index = ignore}                                          \
    }
static const struct check_case cases[] = {
    SIGMOID(1, 1, 1, 1, 0),        SIGMOID(1, 3, 5, 4, 0.5f),    SIGMOID(3, 17, 33, 5, 0.3f), SIGMOID(2, 64, 96, 4, 0.7f),
    ONE_HOT(2, 5, 7, 4),           INDEX(1, 1, 1, 2, 2, 0),      INDEX(3, 9, 7, 6, 6, 255),   INDEX(2, 31, 37, 3, 3, 1),
    INDEX(2, 64, 48, 4, 4, 255),   SIGMOID(2, 96, 64, 1, 0.5f),  SIGMOID(3, 8, 10, 2, 0.4f),  SIGMOID(1, 3, 4, 16, 0.5f),
};

// No image has more than 6144 pixels, so the tolerance is below a hundredth of a pixel: a count that is off by one fails.
const struct check_op check_metrics = {
    .op = "metrics",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .decode = decode,
    .forward_tolerance = 1e-6,
};
