// SPDX-License-Identifier: MIT
#ifndef MAP_H
#define MAP_H
#include "lib/shared.h"
struct map_push {
    uint count;            // elements
    float alpha;           // coefficient of the function
    uint rows, chunk_rows; // with SOFTWARE: count / LANES, and how many of them a workgroup takes
};
#endif
