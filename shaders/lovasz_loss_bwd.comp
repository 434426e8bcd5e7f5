// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lovasz_loss.h"

// dz = coef w; through a softmax dz[c] = coef p[c] (w[c] - sum over k of p[k] w[k]). One invocation per pixel.
layout(constant_id = 0) const bool SOFTMAX = false;
layout(constant_id = 1) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { lovasz_loss_push push; };
layout(std430, binding = 0) readonly buffer z_block { float z[]; };       // [pixels][classes]
layout(std430, binding = 1) readonly buffer weights_block { float w[]; }; // [pixels][classes]
layout(std430, binding = 2) readonly buffer coef_block { float coef; };
layout(std430, binding = 3) buffer dz_block { float dz[]; };

void main()
{
    const uint pixel = flat_index();
    if (pixel >= push.count) return;
    const uint base = pixel * push.classes;
    float most = z[base], sum = 0.0, mean = 0.0;
    if (SOFTMAX) {
        for (uint c = 1; c < push.classes; c++) most = max(most, z[base + c]);
        for (uint c = 0; c < push.classes; c++) {
            sum += exp(z[base + c] - most);
            mean += exp(z[base + c] - most) * w[base + c];
        }
    }
    for (uint c = 0; c < push.classes; c++) {
        float value = coef * w[base + c];
        if (SOFTMAX) value = coef * exp(z[base + c] - most) / sum * (w[base + c] - mean / sum);
        dz[base + c] = ACCUMULATE ? dz[base + c] + value : value;
    }
}
