// SPDX-License-Identifier: MIT
#ifndef LOVASZ_LOSS_H
#define LOVASZ_LOSS_H
#include "lib/shared.h"
#define LOVASZ_EACH 16                 // elements of an invocation, one behind the other
#define LOVASZ_BLOCK (128 * LOVASZ_EACH) // of a workgroup
#define LOVASZ_DIGITS 16               // of the sort: 4 bits each
struct lovasz_loss_push {
    uint count; // invocations of 1-D kernels: pixels, or in the backward pass elements or pixels
    uint pixels, classes;
    uint ignore_index; // 0: none
    uint class_index;  // whose errors are sorted
    uint shift;        // lowest bit of the digit
    uint blocks;
    uint numbers;      // to scan
};
#endif
