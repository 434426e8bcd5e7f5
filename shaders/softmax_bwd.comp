// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "softmax.h"

// dx[c] = y[c] (dy[c] - sum of dy y over the channels of the pixel). One invocation per pixel.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { softmax_push push; };
layout(std430, binding = 0) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 1) readonly buffer y_block { float y[]; };
layout(std430, binding = 2) buffer dx_block { float dx[]; };

void main()
{
    const uint pixel = flat_index();
    if (pixel >= push.count) return;
    const uint first = pixel * push.channels, end = first + push.channels;
    float sum = 0.0;
    for (uint i = first; i < end; i++) sum += dy[i] * y[i];
    for (uint i = first; i < end; i++) {
        const float value = y[i] * (dy[i] - sum);
        dx[i] = ACCUMULATE ? dx[i] + value : value;
    }
}
