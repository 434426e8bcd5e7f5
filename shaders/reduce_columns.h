// SPDX-License-Identifier: MIT
#ifndef REDUCE_COLUMNS_H
#define REDUCE_COLUMNS_H
#include "lib/shared.h"
struct reduce_columns_push {
    uint rows, columns;
    float scale;
    uint first; // place of the first column in the result
};
#endif
