// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "softmax.h"

// y[c] = exp(x[c] - max) / sum of exp(x - max) over the channels of a pixel. One invocation per pixel; classes are few. The
// exponentials wait in y for their sum.
layout(push_constant) uniform push_block { softmax_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) buffer y_block { float y[]; };

void main()
{
    const uint pixel = flat_index();
    if (pixel >= push.count) return;
    const uint first = pixel * push.channels, end = first + push.channels;
    float most = x[first];
    for (uint i = first + 1; i < end; i++) most = max(most, x[i]);
    float sum = 0.0;
    for (uint i = first; i < end; i++) {
        const float e = exp(x[i] - most);
        y[i] = e;
        sum += e;
    }
    for (uint i = first; i < end; i++) y[i] /= sum;
}
