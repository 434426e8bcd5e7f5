// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "softmax_cross_entropy.h"

// loss = sum / count, 0 without any labelled pixel; where classes have weights, the count is of these. One workgroup.
layout(push_constant) uniform push_block { softmax_cross_entropy_push push; };
layout(std430, binding = 0) readonly buffer partial_block { vec2 partial[]; }; // [rows]
layout(std430, binding = 1) writeonly buffer loss_block { float loss; };
layout(std430, binding = 2) writeonly buffer count_block { float count; };
REDUCE_SUM(vec2, sum_vec2)

void main()
{
    vec2 sum = vec2(0.0);
    for (uint row = gl_LocalInvocationIndex; row < push.rows; row += REDUCE_SIZE) sum += partial[row];
    const vec2 total = sum_vec2(sum);
    if (gl_LocalInvocationIndex == 0) {
        loss = total.y > 0.0 ? total.x / total.y : 0.0;
        count = total.y;
    }
}
