// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "fold_batch_norm.h"

// Weights of a convolution times the factor of their output channel; or, with BIAS, its biases: (from - mean) * factor + bias.
layout(constant_id = 0) const bool BIAS = false;
layout(constant_id = 1) const bool FROM = true; // false: from is all zero
layout(push_constant) uniform push_block { fold_batch_norm_push push; };
layout(std430, binding = 0) readonly buffer saved_block { float saved[]; }; // [4][channels]: mean, inverse deviation, factor, bias
layout(std430, binding = 1) readonly buffer from_block { float from[]; };
layout(std430, binding = 2) writeonly buffer to_block { float to[]; };

void main()
{
    const uint i = flat_index(), o = i / push.row, n = push.channels;
    if (i >= push.count) return;
    const float value = FROM ? from[i] : 0.0, factor = saved[2 * n + o];
    to[i] = BIAS ? (value - saved[o]) * factor + saved[3 * n + o] : value * factor;
}
