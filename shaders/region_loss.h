// SPDX-License-Identifier: MIT
#ifndef REGION_LOSS_H
#define REGION_LOSS_H
#include "lib/shared.h"
// Which loss is made of a class's sums.
#define REGION_DICE 0
#define REGION_DICE_POSITIVE 1
#define REGION_JACCARD 2
#define REGION_TVERSKY 3
#define REGION_FOCAL_TVERSKY 4
#define REGION_MCC 5
struct region_loss_push {
    uint count; // invocations of 1-D kernels: elements or pixels
    uint pixels, classes;
    uint ignore_index; // 0: none
    uint rows, chunk_rows; // with SOFTWARE: elements / LANES, and how many of these a workgroup takes
    uint segment_pixels;   // pixels that are summed up together: an image's, or all
    uint segments;
    float alpha, beta; // Tversky: weights of false positives and of false negatives
    float gamma;       // focal Tversky: exponent of the loss
};
#endif
