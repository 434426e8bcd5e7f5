// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "reduce_columns.h"

// y[j] = scale * sum over i of partial[i][j]: the second pass of reductions. One workgroup per column.
layout(push_constant) uniform push_block { reduce_columns_push push; };
layout(std430, binding = 0) readonly buffer partial_block { float partial[]; }; // [rows][columns]
layout(std430, binding = 1) writeonly buffer y_block { float y[]; };            // [columns]
REDUCE_SUM(float, sum_float)

void main()
{
    const uint column = gl_WorkGroupID.x;
    float sum = 0.0;
    for (uint row = gl_LocalInvocationIndex; row < push.rows; row += REDUCE_SIZE) sum += partial[row * push.columns + column];
    const float total = sum_float(sum);
    if (gl_LocalInvocationIndex == 0) y[push.first + column] = push.scale * total;
}
