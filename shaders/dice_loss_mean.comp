// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "dice_loss.h"

// loss = mean over the classes of 1 - 2 sum(p t) / max(sum(p) + sum(t), 2e-7), where a class with sum(t) = 0 adds 0. One workgroup.
layout(push_constant) uniform push_block { dice_loss_push push; };
layout(std430, binding = 0) readonly buffer sums_block { float sums[]; }; // [3][classes]
layout(std430, binding = 1) writeonly buffer loss_block { float loss; };
REDUCE_SUM(float, sum_float)

float class_loss(uint c)
{
    const float pt = sums[c], p = sums[push.classes + c], t = sums[2 * push.classes + c];
    return t > 0.0 ? 1.0 - 2.0 * pt / max(p + t, 2e-7) : 0.0;
}

void main()
{
    float sum = 0.0;
    for (uint c = gl_LocalInvocationIndex; c < push.classes; c += REDUCE_SIZE) sum += class_loss(c);
    const float total = sum_float(sum);
    if (gl_LocalInvocationIndex == 0) loss = total / float(push.classes);
}
