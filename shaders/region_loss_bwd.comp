// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/numerics.glsl"
#include "region_loss.h"

// Through the sigmoid: dz = (coef[0][c] t + coef[1][c]) p (1 - p). One invocation per element.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(constant_id = 1) const bool SEGMENTED = false; // each image has coefficients of its own
layout(push_constant) uniform push_block { region_loss_push push; };
layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixels][classes]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixels][classes]
layout(std430, binding = 2) readonly buffer coef_block { float coef[]; }; // [segments][2][classes]
layout(std430, binding = 3) buffer dz_block { float dz[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint c = i % push.classes;
    const uint first = SEGMENTED ? i / push.classes / push.segment_pixels * 2 * push.classes : 0;
    const float value = (coef[first + c] * t[i] + coef[first + push.classes + c]) * sigmoid_slope(z[i]);
    dz[i] = ACCUMULATE ? dz[i] + value : value;
}
