// SPDX-License-Identifier: MIT
#ifndef FOLD_BATCH_NORM_H
#define FOLD_BATCH_NORM_H
#include "lib/shared.h"
struct fold_batch_norm_push {
    uint count;    // elements made
    uint row;      // weights of one output channel; 1 for biases
    uint channels; // output channels
};
#endif
