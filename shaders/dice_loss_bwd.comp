// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/numerics.glsl"
#include "dice_loss.h"

// Through the sigmoid: dz = (coef[0][c] t + coef[1][c]) p (1 - p). One invocation per element.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { dice_loss_push push; };
layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixels][classes]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixels][classes]
layout(std430, binding = 2) readonly buffer coef_block { float coef[]; }; // [2][classes]
layout(std430, binding = 3) buffer dz_block { float dz[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint c = i % push.classes;
    const float value = (coef[c] * t[i] + coef[push.classes + c]) * sigmoid_slope(z[i]);
    dz[i] = ACCUMULATE ? dz[i] + value : value;
}
