// SPDX-License-Identifier: MIT
// The step: every fill has elements of magnitude one, so a fixed step does. A central difference is off by h^2/6 times the third
// derivative, and by the rounding of the reference (1e-16 of its terms) over h: 1e-4 makes that 1e-9 and 1e-12, far below the
// 1e-6 or so that a kernel in single precision deviates. Outputs are subtracted one by one before they are summed up, which
// keeps the rounding of the sum out of the difference.
#include "check/differences.h"

#include <string.h>

#define STEP 1e-4

static void evaluate(struct check_differences *d, struct check_tensor *out)
{
    d->check->reference(d->attr, d->moved, out);
}

// The reference may have updated state operands.
static void restore(struct check_differences *d)
{
    for (uint32_t i = 0; i < OP_MAX_INPUTS; i++) {
        if (d->in[i].v) memcpy(d->moved[i].v, d->in[i].v, op_count(d->in[i].shape) * sizeof(double));
    }
}

static double quotient(const struct check_differences *d)
{
    double sum = 0;
    for (uint64_t i = 0; i < op_count(d->plus[0].shape); i++) sum += d->cotangent[i] * (d->plus[0].v[i] - d->minus[0].v[i]);
    return sum / (2 * STEP);
}

double check_partial(struct check_differences *d, uint32_t input, uint64_t element)
{
    restore(d);
    d->moved[input].v[element] = d->in[input].v[element] + STEP;
    evaluate(d, d->plus);
    restore(d);
    d->moved[input].v[element] = d->in[input].v[element] - STEP;
    evaluate(d, d->minus);
    return quotient(d);
}

static void move(struct check_differences *d, uint32_t input, const int8_t *direction, double step)
{
    restore(d);
    for (uint64_t i = 0; i < op_count(d->in[input].shape); i++) d->moved[input].v[i] += step * direction[i];
}

double check_directional(struct check_differences *d, uint32_t input, const int8_t *direction)
{
    move(d, input, direction, STEP);
    evaluate(d, d->plus);
    move(d, input, direction, -STEP);
    evaluate(d, d->minus);
    return quotient(d);
}
