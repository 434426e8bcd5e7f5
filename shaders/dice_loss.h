// SPDX-License-Identifier: MIT
#ifndef DICE_LOSS_H
#define DICE_LOSS_H
#include "lib/shared.h"
struct dice_loss_push {
    uint count; // invocations of 1-D kernels: elements or pixels
    uint pixels, classes;
    uint ignore_index; // 0: none
    uint rows, chunk_rows; // with SOFTWARE: elements / LANES, and how many of these a workgroup takes
};
#endif
