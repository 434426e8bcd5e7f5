// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "region_loss.h"
layout(push_constant) uniform push_block { region_loss_push push; };
#include "lib/classes.glsl"

// Through the softmax: with dp[c] = coef[0][c] t[c] + coef[1][c], dz[c] = p[c] (dp[c] - sum over k of p[k] dp[k]). One
// invocation per pixel; pixels without a label get 0.
layout(constant_id = 2) const bool ACCUMULATE = false;
layout(constant_id = 3) const bool SEGMENTED = false; // each image has coefficients of its own
layout(std430, binding = 2) readonly buffer coef_block { float coef[]; }; // [segments][2][classes]
layout(std430, binding = 3) buffer dz_block { float dz[]; };

float slope(uint pixel, uint c)
{
    const uint first = SEGMENTED ? pixel / push.segment_pixels * 2 * push.classes : 0;
    return coef[first + c] * target_of(pixel, c) + coef[first + push.classes + c];
}

void main()
{
    const uint pixel = flat_index();
    if (pixel >= push.count) return;
    const uint base = pixel * push.classes;
    const bool labelled = is_labelled(pixel);
    const vec2 scale = softmax_scale(pixel);
    float mean = 0.0;
    for (uint c = 0; c < push.classes; c++) mean += exp(z[base + c] - scale.x) * scale.y * slope(pixel, c);
    for (uint c = 0; c < push.classes; c++) {
        const float value = labelled ? exp(z[base + c] - scale.x) * scale.y * (slope(pixel, c) - mean) : 0.0;
        dz[base + c] = ACCUMULATE ? dz[base + c] + value : value;
    }
}
