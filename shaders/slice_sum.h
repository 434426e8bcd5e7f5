// SPDX-License-Identifier: MIT
#ifndef SLICE_SUM_H
#define SLICE_SUM_H
#include "lib/shared.h"
struct slice_sum_push {
    uint count;         // columns * parts: results
    uint rows, columns; // of the input
    uint part;          // rows per result
    uint chunk;         // columns of a workgroup, with SOFTWARE
};
#endif
