// SPDX-License-Identifier: MIT
#include "check/classes.h"

#include <math.h>

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct op_shape target = in[0].shape;
    const uint32_t classes = attr->channels;
    const uint64_t pixels = (uint64_t)target.h * target.w;
    const bool indexed = attr->mode && target.c == 1 && classes > 1;
    for (uint64_t i = 0; i < (uint64_t)target.n * classes; i++) out[0].v[i] = 0;
    for (uint64_t i = 0; i < target.n * pixels; i++) {
        double *y = out[0].v + i / pixels * classes;
        const int label = indexed ? check_label(attr, &in[0], i, classes) : -1;
        if (label >= 0) y[label] = 1;
        for (uint32_t c = 0; !indexed && c < classes; c++) y[c] = fmax(y[c], in[0].v[i * classes + c]);
    }
}

#define CASE(kind, n, h, w, c, classes, ...)                                                                          \
    {.op = "presence", .in = {{n, h, w, c}}, .in_count = 1, .fill = {kind}, .attr = {.channels = classes, __VA_ARGS__}}
// Few classes among many and many among few pixels, mixtures, images of more pixels than a workgroup has invocations.
static const struct check_case cases[] = {
    CASE(CHECK_BITS, 1, 1, 1, 1, 1, .mode = 0),    CASE(CHECK_BITS, 3, 1, 2, 4, 4, .mode = 0),
    CASE(CHECK_UNIFORM, 2, 9, 31, 3, 3, .mode = 0), CASE(CHECK_BITS, 2, 1, 3, 5, 5, .mode = 1),
    {.op = "presence", .in = {{4, 2, 3, 1}}, .in_count = 1, .fill = {CHECK_INDEX}, .index_bound = 9, .attr = {.channels = 9, .mode = 1}},
    {.op = "presence", .in = {{3, 1, 3, 1}}, .in_count = 1, .fill = {CHECK_INDEX}, .index_bound = 3,
     .attr = {.channels = 3, .mode = 1, .ignore_index = 1}},
    {.op = "presence", .in = {{2, 13, 17, 1}}, .in_count = 1, .fill = {CHECK_INDEX}, .index_bound = 200,
     .attr = {.channels = 200, .mode = 1, .ignore_index = 255}},
};

// A maximum is one of its operands.
const struct check_op check_presence = {
    .op = "presence",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .forward_tolerance = 1e-7,
};
