// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "lib/numerics.glsl"
#include "lib/label.glsl"
#include "softmax_cross_entropy.h"

// partial[group] = (sum of -log softmax(z)[label], number of labelled pixels) over the group's share of the pixels.
// With weights the first sum is of (1 - smoothing) w[label] l[label] + smoothing / classes * (sum of w[c] l[c]), where l = -log softmax,
// and the second of w[label].
layout(constant_id = 0) const bool WEIGHTED = false; // classes have weights, or targets are smoothed
layout(push_constant) uniform push_block { softmax_cross_entropy_push push; };
#include "lib/class_weights.glsl"
CLASS_WEIGHT(class_weight_of, class_weight, class_weights, CROSS_ENTROPY_WEIGHTS)
layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixels][classes]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixels]
layout(std430, binding = 2) writeonly buffer partial_block { vec2 partial[]; };
REDUCE_SUM(vec2, sum_vec2)

// The largest term of the softmax's denominator is 1; adding only the others keeps the precision of small losses.
// Adds the pixel's part.
void add_pixel(uint base, uint label, inout vec2 sum)
{
    uint best = 0;
    for (uint c = 1; c < push.classes; c++) best = z[base + c] > z[base + best] ? c : best;
    float others = 0.0;
    for (uint c = 0; c < push.classes; c++) others += c == best ? 0.0 : exp(z[base + c] - z[base + best]);
    if (!WEIGHTED) {
        sum += vec2(z[base + best] - z[base + label] + log_1p(others), 1.0);
        return;
    }
    const float weight = class_weight_of(label), denominator = log_1p(others);
    float spread = 0.0;
    if (push.smoothing > 0.0) {
        for (uint c = 0; c < push.classes; c++) spread += class_weight_of(c) * (z[base + best] - z[base + c] + denominator);
    }
    const float own = (1.0 - push.smoothing) * weight * (z[base + best] - z[base + label] + denominator);
    sum += vec2(own + push.smoothing / float(push.classes) * spread, weight);
}

void main()
{
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    vec2 sum = vec2(0.0);
    for (uint i = gl_GlobalInvocationID.x; i < push.pixels; i += stride) {
        const uint label = label_index(t[i], push.classes, push.ignore_index);
        if (label != NO_LABEL) add_pixel(i * push.classes, label, sum);
    }
    const vec2 total = sum_vec2(sum);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = total;
}
