// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "slice_sum.h"

// y[s][j] = sum over the rows i of part s of x[i][j]: column sums of matrices with many columns, in one pass (one part) or two.
// An invocation adds up its column's rows in order; neighbours read neighbouring columns.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { slice_sum_push p; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; }; // [rows][columns]
layout(std430, binding = 1) buffer y_block { float y[]; };          // [parts][columns]

void main()
{
    const uint i = flat_index();
    if (i >= p.count) return;
    const uint first = i / p.columns * p.part, last = min(first + p.part, p.rows);
    float sum = 0.0;
    for (uint row = first; row < last; row++) sum += x[row * p.columns + i % p.columns];
    y[i] = ACCUMULATE ? y[i] + sum : sum;
}
