// SPDX-License-Identifier: MIT
#ifndef BCE_WITH_LOGITS_H
#define BCE_WITH_LOGITS_H
#include "lib/shared.h"
#define BCE_WEIGHTS 12
struct bce_with_logits_push {
    uint count;  // elements
    float scale; // 1 / count
    uint rows, chunk_rows; // with SOFTWARE: elements / LANES, and how many of these a workgroup takes
#ifndef SOFTWARE // which know neither weights nor smoothing
    uint classes;
    float smoothing;   // targets 0 and 1 become this, and 1 - this
    uint class_weights, pos_weights; // 0: all are 1; 1: the same for all classes; else one per class
    float class_weight[BCE_WEIGHTS]; // of all elements of a class
    float pos_weight[BCE_WEIGHTS];   // of those where the target is 1
#endif
};
#endif
