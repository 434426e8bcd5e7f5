// SPDX-License-Identifier: MIT
// Push constants of pooling, upsampling and cropping. x is the forward operand and y the forward result, in both passes.
#ifndef SPATIAL_H
#define SPATIAL_H
#include "lib/shared.h"
struct spatial_push {
    uint c;            // channels
    uint xh, xw;       // height and width of x
    uint yh, yw;       // of y
    uint kh, kw;       // window
    uint sh, sw;       // stride
    uint ph, pw;       // padding
    uint y_channels;   // of a pixel of y in memory, where c is the first of them only
};
#endif
