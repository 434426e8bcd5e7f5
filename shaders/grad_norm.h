// SPDX-License-Identifier: MIT
#ifndef GRAD_NORM_H
#define GRAD_NORM_H
#include "lib/shared.h"
#define SUM_SQUARES_ROWS 1024 // partial sums, whatever the number of elements
#define SUM_SQUARES_ROW 128   // elements that belong to one of them, before the next one's follow
#define SUM_SQUARES_SIDE 4    // partial sums of a workgroup, with SOFTWARE
// The loss scale: gradients of halves are computed times this, lest they vanish. It is halved where they overflow, and doubled after
// so many good steps; a power of two, so that dividing by it is exact.
#define LOSS_SCALE_START 65536.0
#define LOSS_SCALE_LEAST 1.0
#define LOSS_SCALE_MOST 16777216.0
#define LOSS_SCALE_STEPS 2000.0
struct grad_norm_push {
    uint count; // elements to sum
    float max_norm;
    uint scaled; // clip_scale: 1 if there is a loss scale
};
#endif
