// SPDX-License-Identifier: MIT
// Push constants of the Winograd convolutions for devices whose subgroup is one SIMD register; shared by C and GLSL.
#ifndef WINOGRAD_H
#define WINOGRAD_H
#include "lib/shared.h"

#define WINOGRAD_TILES 8   // of a block
#define WINOGRAD_SIDE 4    // pixels of a tile's side
#define WINOGRAD_RUN 8     // channels side by side in scratch memory: [block of tiles][point][run][tile][channel]. Of each two vectors of
                           // channels the first lies at even places, the second between. For the gradient of the weights:
                           // [point][run][tile][channel], where a run of x is two vectors
#define WINOGRAD_POINTS 36 // products per tile and pair of channels

struct winograd_push {
    uint xh, xw; // input
    uint yh, yw; // output
    uint ph, pw; // padding
    uint th, tw; // tiles per image
    uint tiles;  // of all images
    uint first, slots; // tiles of this dispatch
    uint zeros;  // where in the weights (or at `weights`) zeros are, in floats
    uint block_step, point_step, run_step; // in scratch memory, in floats
};

struct winograd_dw_push {
    uint ins, outs; // channels
    uint tiles;     // in scratch memory
};

struct winograd_weights_push {
    uint outs, ins;          // channels of the convolution that will read the weights
    uint out_step, in_step, tap_step; // in w, in floats
    uint groups;
};
#endif
