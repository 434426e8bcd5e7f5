// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "focal_loss.h"
layout(push_constant) uniform push_block { focal_loss_push push; };
#include "lib/classes.glsl"
#include "lib/focal.glsl"

// dz = coef * slope of the focal loss, 0 for pixels without a label. One invocation per element.
layout(constant_id = 2) const bool ACCUMULATE = false;
layout(std430, binding = 2) readonly buffer coef_block { float coef; };
layout(std430, binding = 3) buffer dz_block { float dz[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint pixel = i / push.classes, c = i % push.classes;
    const float value = is_labelled(pixel) ? coef * focal_slope(z[i], target_of(pixel, c) > 0.5) : 0.0;
    dz[i] = ACCUMULATE ? dz[i] + value : value;
}
