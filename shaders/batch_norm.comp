// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/batch_norm.glsl"

// y = act((x - mean) * factor + bias + residual).
layout(constant_id = 1) const uint OPTIONS = 0;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer saved_block { float saved[]; }; // [4][channels]: mean, inverse deviation, factor, bias
layout(std430, binding = 2) readonly buffer residual_block { float residual[]; };
layout(std430, binding = 3) writeonly buffer y_block { float y[]; };

void main()
{
    const uint c = column(), n = push.channels, begin = gl_WorkGroupID.y * push.chunk_rows;
    if (c >= n) return;
    const float mean = saved[c], factor = saved[2 * n + c], bias = saved[3 * n + c];
    const uint end = min(begin + push.chunk_rows, push.rows);
    for (uint r = begin + row(); r < end; r += ROWS) {
        const uint i = r * n + c;
        float value = batch_norm_value(x[i], mean, factor, bias);
        if ((OPTIONS & BATCH_NORM_RESIDUAL) != 0) value += residual[i];
        y[i] = (OPTIONS & BATCH_NORM_RELU) != 0 && value < 0.0 ? 0.0 : value; // NaN stays NaN
    }
}
