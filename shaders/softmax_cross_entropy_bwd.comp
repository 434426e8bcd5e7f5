// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/label.glsl"
#include "softmax_cross_entropy.h"

// dz[c] = coef * (softmax(z)[c] - (c == label)), 0 for pixels without a label. One invocation per pixel.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { softmax_cross_entropy_push push; };
layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixels][classes]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixels]
layout(std430, binding = 2) readonly buffer coef_block { float coef; };
layout(std430, binding = 3) buffer dz_block { float dz[]; };

void main()
{
    const uint pixel = flat_index();
    if (pixel >= push.pixels) return;
    const uint base = pixel * push.classes;
    const uint label = label_index(t[pixel], push.classes, push.ignore_index);
    float most = z[base];
    for (uint c = 1; c < push.classes; c++) most = max(most, z[base + c]);
    float sum = 0.0;
    for (uint c = 0; c < push.classes; c++) sum += exp(z[base + c] - most);
    const float scale = label == NO_LABEL ? 0.0 : coef;
    for (uint c = 0; c < push.classes; c++) {
        const float value = scale * (exp(z[base + c] - most) / sum - (c == label ? 1.0 : 0.0));
        dz[base + c] = ACCUMULATE ? dz[base + c] + value : value;
    }
}
