// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "weighted_sum.h"

// y = w0 a + w1 b + w2 c, all scalars. Operands past `count` are bound but not read.
layout(local_size_x = 1) in;
layout(push_constant) uniform push_block { weighted_sum_push push; };
layout(std430, binding = 0) readonly buffer a_block { float a; };
layout(std430, binding = 1) readonly buffer b_block { float b; };
layout(std430, binding = 2) readonly buffer c_block { float c; };
layout(std430, binding = 3) writeonly buffer y_block { float y; };

void main()
{
    float sum = push.w0 * a;
    if (push.count > 1) sum += push.w1 * b;
    if (push.count > 2) sum += push.w2 * c;
    y = sum;
}
