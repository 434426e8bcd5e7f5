// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "slice_c.h"

// y[pixel][y_first + c] = x[pixel][x_first + c] for c below width. One invocation per element copied.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { slice_c_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) buffer y_block { float y[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint pixel = i / push.width, c = i % push.width;
    const float value = x[pixel * push.x_channels + push.x_first + c];
    const uint to = pixel * push.y_channels + push.y_first + c;
    y[to] = ACCUMULATE ? y[to] + value : value;
}
