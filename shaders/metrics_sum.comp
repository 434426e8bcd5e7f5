// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "metrics.h"

// y[i] = sum over the rows of partial[row][i], as integers or floats by the word's place. Few rows, so one after the other.
layout(push_constant) uniform push_block { metrics_push push; };
layout(std430, binding = 0) readonly buffer partial_block { uint partial[]; };
layout(std430, binding = 1) writeonly buffer y_block { uint y[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const bool is_float = i % METRICS_WORDS >= 4;
    uint count = 0;
    float sum = 0.0;
    for (uint row = 0; row < push.rows; row++) {
        const uint word = partial[row * push.count + i];
        count += word;
        sum += is_float ? uintBitsToFloat(word) : 0.0;
    }
    y[i] = is_float ? floatBitsToUint(sum) : count;
}
