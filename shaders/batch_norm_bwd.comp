// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"

// dx = a dy + b (x - mean) + d with coefficients by channel (batch_norm_bwd_finalize).
layout(constant_id = 1) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 2) readonly buffer coef_block { float coef[]; }; // [4][channels]: a, b, mean, d
layout(std430, binding = 3) buffer dx_block { float dx[]; };

void main()
{
    const uint c = column(), n = push.channels, begin = gl_WorkGroupID.y * push.chunk_rows;
    if (c >= n) return;
    const float a = coef[c], b = coef[n + c], mean = coef[2 * n + c], d = coef[3 * n + c];
    const uint end = min(begin + push.chunk_rows, push.rows);
    for (uint r = begin + row(); r < end; r += ROWS) {
        const uint i = r * n + c;
        const float value = a * dy[i] + (b * (x[i] - mean) + d);
        dx[i] = ACCUMULATE ? dx[i] + value : value;
    }
}
