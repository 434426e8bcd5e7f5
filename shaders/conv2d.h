// SPDX-License-Identifier: MIT
// Push constants of the convolution kernels, shared by C and GLSL. One geometry serves all passes: x is the input of the
// convolution and y its output, whichever of the two (or of their gradients) a kernel reads or writes.
#ifndef CONV2D_H
#define CONV2D_H
#include "lib/shared.h"

struct conv2d_push {
    uint n;                // images
    uint xh, xw, xc;       // x: height, width, channels
    uint yh, yw, yc;       // y
    uint kh, kw;           // kernel
    uint sh, sw;           // stride
    uint ph, pw;           // padding
    uint dh, dw;           // dilation
    uint groups;
    uint m_tiles, n_tiles; // register tiles over the rows and the columns of one matrix product
    uint tiles;            // m_tiles * n_tiles * groups * (conv2d: 1, conv2d_dx: phases, conv2d_dw: taps * splits)
    uint splits;           // conv2d_dw: parts into which the rows of y are divided
    uint skip_c;           // the last channels of x are in a tensor of their own; 0: none are
    uint up;               // the other channels of x are stored smaller by this factor in height and width
};
#endif
