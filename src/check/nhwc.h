// SPDX-License-Identifier: MIT
// Element access for references.
#ifndef CHECK_NHWC_H
#define CHECK_NHWC_H

#include "check/check.h"

static inline double *check_at(const struct check_tensor *t, uint64_t n, uint64_t h, uint64_t w, uint64_t c)
{
    return &t->v[((n * t->shape.h + h) * t->shape.w + w) * t->shape.c + c];
}

// Calls visit for each element of `t`.
typedef void check_visit(const struct op_attr *attr, const struct check_tensor *in, const struct check_tensor *t, struct op_shape at);
static inline void check_for_each(check_visit *visit, const struct op_attr *attr, const struct check_tensor *in,
                                  const struct check_tensor *t)
{
    for (uint32_t n = 0; n < t->shape.n; n++)
        for (uint32_t h = 0; h < t->shape.h; h++)
            for (uint32_t w = 0; w < t->shape.w; w++)
                for (uint32_t c = 0; c < t->shape.c; c++) visit(attr, in, t, (struct op_shape){n, h, w, c});
}

#endif
