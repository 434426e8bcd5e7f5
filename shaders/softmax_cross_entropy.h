// SPDX-License-Identifier: MIT
#ifndef SOFTMAX_CROSS_ENTROPY_H
#define SOFTMAX_CROSS_ENTROPY_H
#include "lib/shared.h"
#define CROSS_ENTROPY_WEIGHTS 24
struct softmax_cross_entropy_push {
    uint pixels, classes;
    uint ignore_index; // 0: none
    uint rows;         // partial sums
    // With weights or smoothing:
    float smoothing;     // share of the target that is spread over all classes
    uint class_weights;  // 0: all are 1; 1: the same for all classes; else one per class
    float class_weight[CROSS_ENTROPY_WEIGHTS];
};
#endif
