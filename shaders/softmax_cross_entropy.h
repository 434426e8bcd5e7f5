// SPDX-License-Identifier: MIT
#ifndef SOFTMAX_CROSS_ENTROPY_H
#define SOFTMAX_CROSS_ENTROPY_H
#include "lib/shared.h"
struct softmax_cross_entropy_push {
    uint pixels, classes;
    uint ignore_index; // 0: none
    uint rows;         // partial sums
};
#endif
