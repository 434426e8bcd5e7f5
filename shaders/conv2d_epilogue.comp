// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "conv2d_epilogue.h"

// y = act(y + bias + residual): what a convolution's kernel had no binding left for. One invocation per element.
layout(constant_id = 0) const bool BIAS = false;
layout(constant_id = 1) const bool RESIDUAL = false;
layout(constant_id = 2) const bool RELU = false;
layout(push_constant) uniform push_block { conv2d_epilogue_push push; };
layout(std430, binding = 0) readonly buffer bias_block { float bias[]; };         // [channels]
layout(std430, binding = 1) readonly buffer residual_block { float residual[]; }; // as y
layout(std430, binding = 2) buffer y_block { float y[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    float value = y[i];
    if (BIAS) value += bias[i % push.channels];
    if (RESIDUAL) value += residual[i];
    y[i] = RELU && value < 0.0 ? 0.0 : value; // NaN stays NaN
}
