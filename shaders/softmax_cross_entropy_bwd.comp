// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/label.glsl"
#include "softmax_cross_entropy.h"

// dz[c] = coef * (softmax(z)[c] - (c == label)), 0 for pixels without a label. One invocation per pixel.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(constant_id = 1) const bool WEIGHTED = false; // classes have weights, or targets are smoothed
layout(push_constant) uniform push_block { softmax_cross_entropy_push push; };
#include "lib/class_weights.glsl"
CLASS_WEIGHT(class_weight_of, class_weight, class_weights, CROSS_ENTROPY_WEIGHTS)
layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixels][classes]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixels]
layout(std430, binding = 2) readonly buffer coef_block { float coef; };
layout(std430, binding = 3) buffer dz_block { float dz[]; };

// With weights the target of class c is own[c == label] + share w[c], and what is multiplied with the softmax is the sum of these.
struct target {
    float own, share, all;
};

target target_of(uint label)
{
    if (!WEIGHTED) return target(1.0, 0.0, 1.0);
    const float share = push.smoothing / float(push.classes), own = (1.0 - push.smoothing) * class_weight_of(label);
    float weights = 0.0;
    for (uint c = 0; c < push.classes; c++) weights += class_weight_of(c);
    return target(own, share, own + share * weights);
}

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
    const target to = target_of(label);
    for (uint c = 0; c < push.classes; c++) {
        float slope = exp(z[base + c] - most) / sum;
        if (WEIGHTED) slope = to.all * slope - to.share * class_weight_of(c);
        const float value = scale * (slope - (c == label ? to.own : 0.0));
        dz[base + c] = ACCUMULATE ? dz[base + c] + value : value;
    }
}
