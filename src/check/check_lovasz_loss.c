// SPDX-License-Identifier: MIT
#include "check/classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct error {
    double value;
    bool label;
};

static int descending(const void *a, const void *b)
{
    const double x = ((const struct error *)a)->value, y = ((const struct error *)b)->value;
    return x < y ? 1 : x > y ? -1 : 0;
}

// The errors in descending order times the growth of the Jaccard loss 1 - I / U of the pixels so far.
static double class_loss(struct error *errors, uint64_t count, double labels)
{
    double so_far = 0, before = 0, loss = 0;
    qsort(errors, count, sizeof *errors, descending);
    for (uint64_t i = 0; i < count; i++) {
        so_far += errors[i].label;
        const double jaccard = 1 - (labels - so_far) / (labels + (double)(i + 1) - so_far);
        loss += fmax(errors[i].value, 0) * (jaccard - before);
        before = jaccard;
    }
    return loss;
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape logits = in[0].shape;
    const uint64_t pixels = (uint64_t)logits.n * logits.h * logits.w;
    double p[CHECK_MAX_CLASSES], t[CHECK_MAX_CLASSES], loss = 0, counted = 0;
    struct error *errors = malloc(pixels * sizeof *errors);
    for (uint32_t c = 0; errors && c < logits.c; c++) {
        uint64_t count = 0;
        double labels = 0;
        for (uint64_t i = 0; i < pixels; i++) {
            if (!check_classes(attr, in, i, p, t)) continue;
            const double hinge = 1 - in[0].v[i * logits.c + c] * (2 * t[c] - 1);
            errors[count++] = (struct error){attr->mode ? fabs(t[c] - p[c]) : hinge, t[c] > 0};
            labels += t[c];
        }
        if (attr->mode && labels == 0) continue;
        loss += class_loss(errors, count, labels);
        counted++;
    }
    out[0].v[0] = !errors ? (double)NAN : counted > 0 ? loss / counted : 0;
    memset(out[1].v, 0, op_count(out[1].shape) * sizeof *out[1].v); // not compared
    out[2].v[0] = counted;
    free(errors);
}

#define HINGE(n, h, w, c)                                                                                                                  \
    {                                                                                                                                      \
        .op = "lovasz_loss", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_DISTINCT, CHECK_BITS}, .partials = 64       \
    }
#define SOFTMAX(n, h, w, c, bound)                                                                                                         \
    {                                                                                                                                      \
        .op = "lovasz_loss", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX}, .index_bound = bound, \
        .attr = {                                                                                                                          \
            .mode = 1,                                                                                                                     \
            .ignore_index = 255                                                                                                            \
        }                                                                                                                                  \
    }
// No difference step changes the order: distinct logits, or few pixels.
static const struct check_case cases[] = {
    HINGE(1, 1, 1, 2), HINGE(2, 4, 6, 3), HINGE(1, 50, 60, 2), SOFTMAX(1, 1, 1, 2, 2), SOFTMAX(2, 2, 3, 3, 3), SOFTMAX(1, 3, 4, 4, 2),
};
static const struct check_case many_cases[] = {SOFTMAX(2, 40, 64, 3, 3), SOFTMAX(1, 61, 35, 2, 2)};

// Weights are exact quotients, errors off by exp's few units in the last place; sums in a tree.
const struct check_op check_lovasz_loss = {
    .op = "lovasz_loss",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .compare_outputs = 1 | 4,
    .forward_tolerance = 2e-6,
    .gradient_tolerance = 1e-5,
};
// Of many pixels every step changes some order, which is where the loss has corners.
const struct check_op check_lovasz_loss_many = {
    .op = "lovasz_loss",
    .cases = many_cases,
    .case_count = ARRAY_COUNT(many_cases),
    .reference = reference,
    .compare_outputs = 1 | 4,
    .forward_tolerance = 2e-6,
};
