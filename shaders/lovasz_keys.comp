// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lovasz_loss.h"
layout(push_constant) uniform push_block { lovasz_loss_push push; };
#include "lib/classes.glsl"
#include "lib/lovasz.glsl"

// The errors of one class: 1 - z where the target is 1, 1 + z where it is 0; with a softmax |t - p|. One invocation per pixel.
layout(std430, binding = 2) writeonly buffer pairs_block { uvec2 pairs[]; }; // [pixels]

void main()
{
    const uint pixel = flat_index();
    if (pixel >= push.count) return;
    const float logit = z[pixel * push.classes + push.class_index];
    const bool labelled = is_labelled(pixel), label = labelled && target_of(pixel, push.class_index) > 0.5;
    float error = label ? 1.0 - logit : 1.0 + logit;
    if (SOFTMAX) {
        const vec2 scale = softmax_scale(pixel);
        const float p = exp(logit - scale.x) * scale.y;
        error = label ? 1.0 - p : p;
    }
    pairs[pixel] = uvec2(labelled ? key_of(error) : 0xffffffffu, pixel << 2 | (labelled ? LABELLED : 0u) | (label ? LABEL : 0u));
}
