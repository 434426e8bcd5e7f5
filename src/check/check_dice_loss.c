// SPDX-License-Identifier: MIT
#include "check/classes.h"

#include <math.h>

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape logits = in[0].shape;
    double p[CHECK_MAX_CLASSES], t[CHECK_MAX_CLASSES];
    double *sums = out[1].v, loss = 0;
    for (uint32_t i = 0; i < 3 * logits.c; i++) sums[i] = 0;
    for (uint64_t i = 0; i < (uint64_t)logits.n * logits.h * logits.w; i++) {
        if (!check_classes(attr, in, i, p, t)) continue;
        for (uint32_t c = 0; c < logits.c; c++) {
            sums[c] += p[c] * t[c];
            sums[logits.c + c] += p[c];
            sums[2 * logits.c + c] += t[c];
        }
    }
    for (uint32_t c = 0; c < logits.c; c++) {
        if (sums[2 * logits.c + c] > 0) loss += 1 - 2 * sums[c] / fmax(sums[logits.c + c] + sums[2 * logits.c + c], 2e-7);
    }
    out[0].v[0] = loss / logits.c;
}

#define SIGMOID(n, h, w, c) {.op = "dice_loss", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}}
#define ONE_HOT(n, h, w, c) \
    {.op = "dice_loss", .in = {{n, h, w, c}, {n, h, w, c}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_BITS}, .attr.mode = 1}
#define INDEX(n, h, w, c, bound, ignore)                                                                             \
    {                                                                                                                \
        .op = "dice_loss", .in = {{n, h, w, c}, {n, h, w, 1}}, .in_count = 2, .fill = {CHECK_NORMAL, CHECK_INDEX},   \
        .index_bound = bound, .attr = {.mode = 1, .ignore_index = ignore}                                            \
    }
static const struct check_case cases[] = {
    SIGMOID(1, 1, 1, 1),   SIGMOID(1, 1, 1, 6),      SIGMOID(2, 5, 7, 4),          SIGMOID(3, 9, 4, 5),
    SIGMOID(2, 40, 64, 4), ONE_HOT(1, 1, 1, 2),      ONE_HOT(2, 5, 7, 4),          INDEX(1, 3, 3, 2, 2, 0),
    INDEX(2, 7, 9, 6, 4, 255), INDEX(2, 7, 5, 3, 3, 1), INDEX(2, 40, 64, 4, 4, 255),
    SIGMOID(2, 67, 64, 1), SIGMOID(1, 6, 12, 2),     SIGMOID(2, 9, 5, 8),          SIGMOID(1, 3, 4, 16),
};

// The loss is a quotient of sums in a tree, with exp's error of a few units in the last place.
const struct check_op check_dice_loss = {
    .op = "dice_loss",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .differentiable = 1,
    .forward_tolerance = 2e-6,
    .gradient_tolerance = 1e-5,
};
