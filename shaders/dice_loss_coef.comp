// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "dice_loss.h"

// The derivative of the loss by the probability p of one pixel and class is coef[0][c] * t + coef[1][c].
layout(push_constant) uniform push_block { dice_loss_push push; };
layout(std430, binding = 0) readonly buffer sums_block { float sums[]; }; // [3][classes]
layout(std430, binding = 1) readonly buffer dloss_block { float dloss; };
layout(std430, binding = 2) writeonly buffer coef_block { float coef[]; }; // [2][classes]

void main()
{
    const uint c = flat_index();
    if (c >= push.count) return;
    const float pt = sums[c], p = sums[push.classes + c], t = sums[2 * push.classes + c];
    const float size = max(p + t, 2e-7);
    const float scale = t > 0.0 ? 2.0 * dloss / (float(push.classes) * size) : 0.0;
    coef[c] = -scale;
    coef[push.classes + c] = p + t > 2e-7 ? scale * pt / size : 0.0;
}
