// SPDX-License-Identifier: MIT
#ifndef SLICE_C_H
#define SLICE_C_H
#include "lib/shared.h"
struct slice_c_push {
    uint count;              // elements to copy: pixels x width
    uint width;              // channels to copy
    uint x_channels, x_first; // of the source: channels in all, first one to copy
    uint y_channels, y_first; // of the destination
    uint chunk;               // pixels of a workgroup, with SOFTWARE
};
#endif
