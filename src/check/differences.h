// SPDX-License-Identifier: MIT
// Derivatives of a reference by central differences.
#ifndef CHECK_DIFFERENCES_H
#define CHECK_DIFFERENCES_H

#include "check/verdict.h"

struct check_differences {
    const struct check_op *check;
    const struct op_attr *attr;
    struct check_tensor in[OP_MAX_INPUTS];       // as given; never changed
    struct check_tensor moved[OP_MAX_INPUTS];    // what the reference gets
    struct check_tensor plus[OP_MAX_OUTPUTS], minus[OP_MAX_OUTPUTS];
    const double *cotangent; // of output 0
};

// d sum(cotangent * out[0]) / d in[input][element].
double check_partial(struct check_differences *d, uint32_t input, uint64_t element);
// The same along direction[] (1 or -1 per element) at once.
double check_directional(struct check_differences *d, uint32_t input, const int8_t *direction);

#endif
