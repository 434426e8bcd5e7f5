// SPDX-License-Identifier: MIT
// What pooling, upsampling and cropping share. A workgroup makes one row of pixels of one image, for the channels of its lanes;
// each of its rows makes every ROWS-th pixel.
#include "lib/columns.glsl"
#include "spatial.h"

layout(push_constant) uniform push_block { spatial_push push; };

struct place {
    uint n, h, w, c;
};

place first_place()
{
    return place(gl_WorkGroupID.z, gl_WorkGroupID.y, row(), column());
}

uint x_at(uint n, uint h, uint w, uint c)
{
    return ((n * push.xh + h) * push.xw + w) * push.c + c;
}

uint y_at(uint n, uint h, uint w, uint c)
{
    return ((n * push.yh + h) * push.yw + w) * push.c + c;
}
