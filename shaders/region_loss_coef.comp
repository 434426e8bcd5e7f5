// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "region_loss.h"
layout(push_constant) uniform push_block { region_loss_push push; };
#include "lib/region.glsl"

// The derivative of the loss by the probability p of one pixel and class is coef[0][c] * t + coef[1][c]. One workgroup.
layout(std430, binding = 1) readonly buffer dloss_block { float dloss; };
layout(std430, binding = 2) writeonly buffer coef_block { float coef[]; }; // [segments][2][classes]

// Of the power: below 1 the slope has no bound where the loss is near 0, and there is nothing to learn there.
float outer_slope(float mean)
{
    if (FORM != REGION_FOCAL_TVERSKY) return 1.0;
    return mean > 1e-6 ? push.gamma * pow(mean, push.gamma - 1.0) : 0.0;
}

void main()
{
    const float pixels = labelled_pixels();
    const vec2 mean = mean_loss(pixels);
    const float scale = dloss / mean.y * outer_slope(mean.x);
    for (uint pair = gl_LocalInvocationIndex; pair < pair_count(); pair += REDUCE_SIZE) {
        const vec2 slope = scale * region_slope(region_of(pair), pixels);
        const uint base = pair / push.classes * 2 * push.classes + pair % push.classes;
        coef[base] = slope.x;
        coef[base + push.classes] = slope.y;
    }
}
