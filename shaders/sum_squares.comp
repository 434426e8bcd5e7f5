// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "grad_norm.h"

// partial[group] = sum of x^2 over the group's share of the elements.
layout(push_constant) uniform push_block { grad_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) writeonly buffer partial_block { float partial[]; };
REDUCE_SUM(float, sum_float)

void main()
{
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    float sum = 0.0;
    for (uint i = gl_GlobalInvocationID.x; i < push.count; i += stride) sum += x[i] * x[i];
    const float total = sum_float(sum);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = total;
}
