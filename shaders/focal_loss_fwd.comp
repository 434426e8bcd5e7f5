// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "focal_loss.h"
layout(push_constant) uniform push_block { focal_loss_push push; };
#include "lib/classes.glsl"
#include "lib/focal.glsl"

// partial[group] = (sum of the losses, what their mean is over) of the group's share of the elements: that is the number of elements,
// or with one class per pixel the number of labelled pixels.
layout(std430, binding = 2) writeonly buffer partial_block { vec2 partial[]; };
REDUCE_SUM(vec2, sum_vec2)

void main()
{
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    vec2 sum = vec2(0.0);
    for (uint i = gl_GlobalInvocationID.x; i < push.count; i += stride) {
        const uint pixel = i / push.classes, c = i % push.classes;
        if (is_labelled(pixel)) sum += vec2(focal_loss(z[i], target_of(pixel, c) > 0.5), !SOFTMAX || c == 0 ? 1.0 : 0.0);
    }
    const vec2 total = sum_vec2(sum);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = total;
}
