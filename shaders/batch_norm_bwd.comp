// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "batch_norm.h"

// dx = a dy + b (x - mean) + d with coefficients by channel (batch_norm_bwd_finalize). One invocation per element.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 2) readonly buffer coef_block { float coef[]; }; // [4][channels]: a, b, mean, d
layout(std430, binding = 3) buffer dx_block { float dx[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint c = i % push.channels, n = push.channels;
    const float value = coef[c] * dy[i] + (coef[n + c] * (x[i] - coef[2 * n + c]) + coef[3 * n + c]);
    dx[i] = ACCUMULATE ? dx[i] + value : value;
}
