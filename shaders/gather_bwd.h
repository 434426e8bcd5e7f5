// SPDX-License-Identifier: MIT
#ifndef GATHER_BWD_H
#define GATHER_BWD_H
#include "lib/shared.h"
struct gather_bwd_push {
    uint count;          // pixels of the enlarged part before it was enlarged, times all channels
    uint w;              // width of that part
    uint near_c, skip_c; // channels of it, and behind it
    uint up;             // factor of enlargement
};
#endif
