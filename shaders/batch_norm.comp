// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"

// y = (x - mean) * inverse deviation * weight + bias. FROM_VARIANCE: the second row of stats is the variance (running statistics),
// else the inverse deviation (saved ones).
layout(constant_id = 1) const bool FROM_VARIANCE = false;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer wb_block { float wb[]; };       // [2][channels]
layout(std430, binding = 2) readonly buffer stats_block { float stats[]; }; // [2][channels]
layout(std430, binding = 3) writeonly buffer y_block { float y[]; };

void main()
{
    const uint c = column(), n = push.channels, begin = gl_WorkGroupID.y * push.chunk_rows;
    if (c >= n) return;
    const float mean = stats[c], second = stats[n + c], bias = wb[n + c];
    const float factor = wb[c] * (FROM_VARIANCE ? 1.0 / sqrt(second + push.eps) : second);
    const uint end = min(begin + push.chunk_rows, push.rows);
    for (uint r = begin + row(); r < end; r += ROWS) y[r * n + c] = (x[r * n + c] - mean) * factor + bias;
}
