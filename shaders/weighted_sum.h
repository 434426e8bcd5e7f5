// SPDX-License-Identifier: MIT
#ifndef WEIGHTED_SUM_H
#define WEIGHTED_SUM_H
#include "lib/shared.h"
struct weighted_sum_push {
    uint count; // operands, 1 to 3
    float w0, w1, w2;
};
#endif
