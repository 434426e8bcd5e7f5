// SPDX-License-Identifier: MIT
#ifndef GRAD_NORM_H
#define GRAD_NORM_H
#include "lib/shared.h"
#define SUM_SQUARES_ROWS 1024 // partial sums, whatever the number of elements
struct grad_norm_push {
    uint count; // elements to sum
    float max_norm;
};
#endif
