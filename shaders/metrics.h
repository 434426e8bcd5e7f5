// SPDX-License-Identifier: MIT
#ifndef METRICS_H
#define METRICS_H
#include "lib/shared.h"
#define METRICS_WORDS 8 // tp, fp, fn, tn (uint); sum of p t, p, t (float); 0
struct metrics_push {
    uint count;  // metrics_sum: words of the result
    uint pixels; // of one image
    uint classes;
    uint ignore_index; // 0: none
    float threshold;   // a sigmoid's pixel is positive where its logit is not below
    uint rows;         // metrics_sum: partial results
    uint image_rows, chunk_rows; // with SOFTWARE: elements of an image / LANES, and how many of these a workgroup takes
};
#endif
