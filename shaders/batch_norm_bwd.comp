// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/batch_norm.glsl"

// dx = a dy + b (x - mean) + d with coefficients by channel (batch_norm_bwd_finalize). With ReLU, dy counts where y > 0.
layout(constant_id = 1) const uint OPTIONS = 0;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 2) readonly buffer coef_block { float coef[]; }; // [5][channels]: a, b, mean, d, bias
layout(std430, binding = 3) buffer dx_block { float dx[]; };

void main()
{
    const uint c = column(), n = push.channels, begin = gl_WorkGroupID.y * push.chunk_rows;
    if (c >= n) return;
    const float a = coef[c], b = coef[n + c], mean = coef[2 * n + c], d = coef[3 * n + c], bias = coef[4 * n + c];
    const uint end = min(begin + push.chunk_rows, push.rows);
    for (uint r = begin + row(); r < end; r += ROWS) {
        const uint i = r * n + c;
        const bool off = (OPTIONS & BATCH_NORM_RELU) != 0 && !(batch_norm_value(x[i], mean, a, bias) > 0.0);
        const float value = a * (off ? 0.0 : dy[i]) + (b * (x[i] - mean) + d);
        dx[i] = (OPTIONS & BATCH_NORM_ACCUMULATE) != 0 ? dx[i] + value : value;
    }
}
