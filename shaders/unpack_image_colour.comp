// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "unpack_image.h"
layout(push_constant) uniform push_block { unpack_image_push push; };
#include "lib/packed.glsl"

// Bytes to normalised floats; below and right of the image its edge is repeated. One invocation per padded pixel.
layout(std430, binding = 2) writeonly buffer image_block { float image[]; }; // [image][padded y][padded x][3]

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint row = i / push.padded_width;
    const uint x = min(i % push.padded_width, push.width - 1);
    const uint y = min(row % push.padded_height, push.height - 1);
    const uint word = packed_pixel(row / push.padded_height, y, x);
    for (uint c = 0; c < 3; c++) image[3 * i + c] = float((word >> (8 * c)) & 255u) * push.scale[c] + push.offset[c];
}
