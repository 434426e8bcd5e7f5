// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "lib/numerics.glsl"
#include "lib/label.glsl"
#include "softmax_cross_entropy.h"

// partial[group] = (sum of -log softmax(z)[label], number of labelled pixels) over the group's share of the pixels.
layout(push_constant) uniform push_block { softmax_cross_entropy_push push; };
layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixels][classes]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixels]
layout(std430, binding = 2) writeonly buffer partial_block { vec2 partial[]; };
REDUCE_SUM(vec2, sum_vec2)

// The largest term of the softmax's denominator is 1; adding only the others keeps the precision of small losses.
float cross_entropy(uint base, uint label)
{
    uint best = 0;
    for (uint c = 1; c < push.classes; c++) best = z[base + c] > z[base + best] ? c : best;
    float others = 0.0;
    for (uint c = 0; c < push.classes; c++) others += c == best ? 0.0 : exp(z[base + c] - z[base + best]);
    return z[base + best] - z[base + label] + log_1p(others);
}

void main()
{
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    vec2 sum = vec2(0.0);
    for (uint i = gl_GlobalInvocationID.x; i < push.pixels; i += stride) {
        const uint label = label_index(t[i], push.classes, push.ignore_index);
        if (label != NO_LABEL) sum += vec2(cross_entropy(i * push.classes, label), 1.0);
    }
    const vec2 total = sum_vec2(sum);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = total;
}
