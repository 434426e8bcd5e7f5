// SPDX-License-Identifier: MIT
// What pooling, upsampling and cropping share. A workgroup makes one row of pixels of one image, for the channels of its lanes;
// each of its rows makes every ROWS-th pixel. The kernel defines SOURCE, the name of its operand (or SOURCE and SECOND), before it
// includes this.
#include "lib/columns.glsl"
#include "spatial.h"

// Names are put together from what the macros stand for.
#define SPATIAL_1(a) COLUMNS_1(spatial_push, a, made)
#define SPATIAL_2(a, b) COLUMNS_2(spatial_push, a, b, made)
#ifdef SECOND
SPATIAL_2(SOURCE, SECOND)
#else
SPATIAL_1(SOURCE)
#endif

// Sizes of windows and strides are constants with SOFTWARE: loops over them are unrolled, and no division is left.
#ifdef SOFTWARE
layout(constant_id = 3) const uint KH = 1;
layout(constant_id = 4) const uint KW = 1;
layout(constant_id = 5) const uint SH = 1;
layout(constant_id = 6) const uint SW = 1;
#else
#define KH push.kh
#define KW push.kw
#define SH push.sh
#define SW push.sw
#endif

struct place {
    uint n, h, w, c; // c: of lane 0
};

uint x_index(uint n, uint h, uint w, uint c)
{
    return ((n * push.xh + h) * push.xw + w) * push.c + c;
}

uint y_index(uint n, uint h, uint w, uint c)
{
    return ((n * push.yh + h) * push.yw + w) * push.y_channels + c;
}
