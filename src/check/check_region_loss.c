// SPDX-License-Identifier: MIT
#include "check/classes.h"
#include "region_loss.h"

#include <math.h>
#include <string.h>

static double quotient(double over, double under, double least)
{
    return over / fmax(under, least);
}

// TP, FP, FN and TN each with 1e-5 pixels more.
static double correlation(double pt, double p, double t, double pixels)
{
    const double eps = 1e-5, tp = pt + eps, fp = p - pt + eps, fn = t - pt + eps, tn = pixels - p - t + pt + eps;
    return (tp * tn - fp * fn) / sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
}

static double class_loss(const struct op_attr *attr, double pt, double p, double t, double pixels)
{
    const double alpha = (double)attr->alpha, beta = (double)attr->beta;
    if (attr->region == REGION_MCC) return 1 - correlation(pt, p, t, pixels);
    if (!(t > 0)) return 0;
    switch (attr->region) {
    case REGION_JACCARD: return 1 - quotient(pt, p + t - pt, 1e-7);
    case REGION_TVERSKY:
    case REGION_FOCAL_TVERSKY: return 1 - quotient(pt, pt + alpha * (p - pt) + beta * (t - pt), 1e-7);
    default: return 1 - quotient(2 * pt, p + t, 2e-7);
    }
}

// sums[segment][3][class] over the labelled pixels, whose number is the result.
static double add_up(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape logits = in[0].shape;
    const uint64_t pixels = (uint64_t)logits.n * logits.h * logits.w, each = pixels / out[1].shape.n;
    double p[CHECK_MAX_CLASSES], t[CHECK_MAX_CLASSES], labelled = 0;
    memset(out[1].v, 0, op_count(out[1].shape) * sizeof *out[1].v);
    for (uint64_t i = 0; i < pixels; i++) {
        double *sums = out[1].v + i / each * 3 * logits.c;
        if (!check_classes(attr, in, i, p, t)) continue;
        labelled++;
        for (uint32_t c = 0; c < logits.c; c++) {
            sums[c] += p[c] * t[c];
            sums[logits.c + c] += p[c];
            sums[2 * logits.c + c] += t[c];
        }
    }
    return labelled;
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const uint32_t classes = in[0].shape.c;
    const double labelled = add_up(attr, in, out);
    double loss = 0, present = 0;
    for (uint32_t i = 0; i < out[1].shape.n * classes; i++) {
        const double *sums = out[1].v + i / classes * 3 * classes + i % classes;
        loss += class_loss(attr, sums[0], sums[classes], sums[2 * classes], labelled);
        present += sums[2 * classes] > 0;
    }
    loss /= attr->region == REGION_DICE_POSITIVE ? fmax(present, 1) : classes;
    out[0].v[0] = attr->region == REGION_FOCAL_TVERSKY ? pow(loss, (double)attr->gamma) : loss;
}

#define SIGMOID_OF(form, n, h, w, c)                                                                                        \
    {                                                                                                                       \
        .op = "region_loss", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS},         \
        .attr = {.region = form, .alpha = 0.3f, .beta = 0.7f, .gamma = 0.75f}                                               \
    }
#define INDEX_OF(form, n, h, w, c, bound, ignore)                                                                           \
    {                                                                                                                       \
        .op = "region_loss", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX},        \
        .index_bound = bound,                                                                                               \
        .attr = {.region = form, .mode = 1, .ignore_index = ignore, .alpha = 0.6f, .beta = 0.2f, .gamma = 1.5f}             \
    }
#define SIGMOID(n, h, w, c) SIGMOID_OF(REGION_DICE, n, h, w, c)
#define INDEX(n, h, w, c, bound, ignore) INDEX_OF(REGION_DICE, n, h, w, c, bound, ignore)
#define ONE_HOT(n, h, w, c) \
    {.op = "region_loss", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}, .attr.mode = 1}
// Of one image with one pixel a class may be absent from some images and not from others.
#define OTHER(form)                                                                                                         \
    SIGMOID_OF(form, 1, 1, 1, 3), SIGMOID_OF(form, 5, 1, 1, 4), SIGMOID_OF(form, 3, 9, 4, 5), SIGMOID_OF(form, 2, 24, 32, 4), \
        INDEX_OF(form, 2, 7, 9, 6, 4, 255), INDEX_OF(form, 4, 1, 2, 3, 3, 1), INDEX_OF(form, 2, 24, 32, 3, 3, 255)
static const struct check_case cases[] = {
    SIGMOID(1, 1, 1, 1),   SIGMOID(1, 1, 1, 6),      SIGMOID(2, 5, 7, 4),          SIGMOID(3, 9, 4, 5),
    SIGMOID(2, 40, 64, 4), ONE_HOT(1, 1, 1, 2),      ONE_HOT(2, 5, 7, 4),          INDEX(1, 3, 3, 2, 2, 0),
    INDEX(2, 7, 9, 6, 4, 255), INDEX(2, 7, 5, 3, 3, 1), INDEX(2, 40, 64, 4, 4, 255),
    SIGMOID(2, 67, 64, 1), SIGMOID(1, 6, 12, 2),     SIGMOID(2, 9, 5, 8),          SIGMOID(1, 3, 4, 16),
    OTHER(REGION_DICE_POSITIVE), OTHER(REGION_JACCARD), OTHER(REGION_TVERSKY), OTHER(REGION_FOCAL_TVERSKY),
    SIGMOID_OF(REGION_MCC, 1, 3, 5, 1), SIGMOID_OF(REGION_MCC, 3, 9, 4, 5), SIGMOID_OF(REGION_MCC, 2, 24, 32, 4),
    INDEX_OF(REGION_MCC, 2, 7, 9, 4, 4, 255), INDEX_OF(REGION_MCC, 2, 24, 32, 3, 3, 255),
};

// The loss is a quotient of sums in a tree, with exp's error of a few units in the last place.
const struct check_op check_region_loss = {
    .op = "region_loss",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 2e-6,
    .gradient_tolerance = 1e-5,
};
