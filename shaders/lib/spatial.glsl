// SPDX-License-Identifier: MIT
// What pooling, upsampling and cropping share: one invocation per element made, and where that element lies.
#include "lib/index.glsl"
#include "spatial.h"

layout(push_constant) uniform push_block { spatial_push push; };

struct place {
    uint n, h, w, c;
};

place place_of(uint i, uint height, uint width)
{
    place p;
    p.c = i % push.c;
    i /= push.c;
    p.w = i % width;
    i /= width;
    p.h = i % height;
    p.n = i / height;
    return p;
}

uint x_at(uint n, uint h, uint w, uint c)
{
    return ((n * push.xh + h) * push.xw + w) * push.c + c;
}

uint y_at(uint n, uint h, uint w, uint c)
{
    return ((n * push.yh + h) * push.yw + w) * push.c + c;
}
