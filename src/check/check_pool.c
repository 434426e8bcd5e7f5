// SPDX-License-Identifier: MIT
// max_pool2d, avg_pool2d, global_avg_pool. The largest element is copied, so exact; sums of single precision numbers are not.
#include "check/nhwc.h"

#include <math.h>

// Sum and largest element of the window of output `at`.
static double window(const struct op_attr *a, const struct check_tensor *in, struct op_shape at, double *most)
{
    const int64_t sh = a->stride[0] ? a->stride[0] : a->kernel[0], sw = a->stride[1] ? a->stride[1] : a->kernel[1];
    double sum = 0;
    *most = -INFINITY;
    for (int64_t kh = 0; kh < a->kernel[0]; kh++) {
        for (int64_t kw = 0; kw < a->kernel[1]; kw++) {
            const int64_t h = at.h * sh - a->pad[0] + kh, w = at.w * sw - a->pad[1] + kw;
            if (h < 0 || w < 0 || h >= in->shape.h || w >= in->shape.w) continue;
            const double v = *check_at(in, at.n, (uint64_t)h, (uint64_t)w, at.c);
            sum += v;
            if (v > *most) *most = v;
        }
    }
    return sum;
}

static void max_element(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *y, struct op_shape at)
{
    window(attr, in, at, check_at(y, at.n, at.h, at.w, at.c));
}

static void avg_element(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *y, struct op_shape at)
{
    double most;
    *check_at(y, at.n, at.h, at.w, at.c) = window(attr, in, at, &most) / (attr->kernel[0] * attr->kernel[1]);
}

static void max_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    check_for_each(max_element, attr, in, out);
}

static void avg_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    check_for_each(avg_element, attr, in, out);
}

static void global_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    const struct op_attr whole = {.kernel = {in->shape.h, in->shape.w}};
    check_for_each(avg_element, &whole, in, out);
}

// One window, the stem's 3x3 with stride 2, windows that overlap more and less than their size, gaps between them, uneven ones.
#define CASE(name, filling, n, h, w, c, ...) {.op = #name, .attr = {__VA_ARGS__}, .in = {{n, h, w, c}}, .in_count = 1, .fill = {filling}}
#define CASES(name, filling, ...)                                                                    \
    static const struct check_case name##_cases[] = {                                                \
        CASE(name, filling, 1, 1, 1, 1, .kernel = {1, 1}),                                           \
        CASE(name, filling, 2, 6, 7, 3, .kernel = {2, 2}),                                           \
        CASE(name, filling, 2, 9, 7, 5, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}),          \
        CASE(name, filling, 1, 5, 6, 3, .kernel = {3, 3}, .stride = {1, 1}, .pad = {1, 1}),          \
        CASE(name, filling, 3, 8, 5, 2, .kernel = {2, 3}, .stride = {3, 1}, .pad = {0, 1}),          \
        CASE(name, filling, 1, 3, 11, 33, .kernel = {5, 4}, .stride = {2, 3}, .pad = {2, 2}),        \
        CASE(name, filling, 2, 5, 6, 16, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}),         \
        CASE(name, filling, 1, 5, 4, 48, .kernel = {2, 2}, .stride = {3, 1}),                        \
        CASE(name, filling, 1, 3, 7, 32, .kernel = {1, 2}, .stride = {2, 3}, .pad = {0, 1}),         \
        __VA_ARGS__                                                                                  \
    }

CASES(max_pool2d, CHECK_DISTINCT,
      // no more elements than numbers of 8 bits keep apart
      {.op = "max_pool2d", .attr = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}}, .in = {{1, 5, 6, 8}}, .in_count = 1,
       .fill = {CHECK_DISTINCT}, .type = GPU_FP16},
      {.op = "max_pool2d", .attr = {.kernel = {2, 2}}, .in = {{2, 4, 5, 4}}, .in_count = 1, .fill = {CHECK_DISTINCT}, .type = GPU_BF16});
CASES(avg_pool2d, CHECK_NORMAL, );

static const struct check_case global_cases[] = {
    {.op = "global_avg_pool", .in = {{1, 1, 1, 1}}, .in_count = 1},
    {.op = "global_avg_pool", .in = {{3, 5, 7, 13}}, .in_count = 1},
    {.op = "global_avg_pool", .in = {{2, 12, 16, 3}}, .in_count = 1},
};

const struct check_op check_max_pool2d = {
    .op = "max_pool2d",
    .cases = max_pool2d_cases,
    .case_count = ARRAY_COUNT(max_pool2d_cases),
    .reference = max_reference,
    .differentiable = 1,
    .forward_tolerance = 1e-7,
    .gradient_tolerance = 1e-6,
};
const struct check_op check_avg_pool2d = {
    .op = "avg_pool2d",
    .cases = avg_pool2d_cases,
    .case_count = ARRAY_COUNT(avg_pool2d_cases),
    .reference = avg_reference,
    .differentiable = 1,
    .forward_tolerance = 2e-6,
    .gradient_tolerance = 2e-6,
};
const struct check_op check_global_avg_pool = {
    .op = "global_avg_pool",
    .cases = global_cases,
    .case_count = ARRAY_COUNT(global_cases),
    .reference = global_reference,
    .differentiable = 1,
    .forward_tolerance = 4e-6,
    .gradient_tolerance = 1e-6,
};
