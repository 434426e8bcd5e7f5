// SPDX-License-Identifier: MIT
#ifndef FOCAL_LOSS_H
#define FOCAL_LOSS_H
#include "lib/shared.h"
struct focal_loss_push {
    uint count; // elements: pixels * classes
    uint classes;
    uint ignore_index; // 0: none
    uint rows;         // partial sums
    float alpha; // weight of elements whose target is 1, the others' is 1 - alpha; 0: both 1
    float gamma; // exponent
};
#endif
