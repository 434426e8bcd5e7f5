// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "unpack_image.h"
layout(push_constant) uniform push_block { unpack_image_push push; };
#include "lib/packed.glsl"

// Label bytes to a target of floats. One invocation per pixel.
layout(std430, binding = 2) writeonly buffer target_block { float target[]; }; // [image][y][x][classes], or [image][y][x]

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint row = i / push.width;
    const uint labels = packed_pixel(row / push.height, row % push.height, i % push.width) >> 24;
    if (push.mode == UNPACK_INDEX) {
        target[i] = float(labels);
        return;
    }
    for (uint c = 0; c < push.classes; c++) {
        const bool present = push.mode == UNPACK_BITS ? ((labels >> c) & 1u) != 0 : labels == c;
        target[i * push.classes + c] = present ? 1.0 : 0.0;
    }
}
