// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "lib/scan.glsl"
#include "lib/lovasz.glsl"
#include "lovasz_loss.h"

// In descending order of errors, each error's weight is what its pixel adds to the Jaccard loss of all before it and itself:
// with I labels behind and U = labels + pixels without the label so far, 1 / U for a pixel with the label, else I / (U (U - 1)).
// Writes the weight as the derivative by z (or p), and partial[block] = (sum of weight * error, 1 if the class counts).
layout(constant_id = 0) const bool SOFTMAX = false; // classes that no pixel has don't count; errors are not cut off at 0
layout(push_constant) uniform push_block { lovasz_loss_push push; };
layout(std430, binding = 0) readonly buffer pairs_block { uvec2 pairs[]; };       // [pixels], sorted
layout(std430, binding = 1) readonly buffer counts_block { uint counts[]; };      // [blocks + 1]: labels before each block, and of all
layout(std430, binding = 2) writeonly buffer weights_block { float weights[]; };  // [pixels][classes]
layout(std430, binding = 3) writeonly buffer partial_block { vec2 partial[]; };   // [blocks]
REDUCE_SUM(float, sum_float)

float weight_of(uint i, uint labels, uint so_far, bool label)
{
    const float both = float(labels + (i + 1 - so_far));
    if (label) return 1.0 / both;
    if (labels == 0) return i == 0 ? 1.0 : 0.0;
    return float(labels - so_far) / both / (both - 1.0);
}

void main()
{
    const uint begin = min(gl_WorkGroupID.x * LOVASZ_BLOCK + gl_LocalInvocationIndex * LOVASZ_EACH, push.pixels);
    const uint end = min(begin + LOVASZ_EACH, push.pixels), labels = counts[push.blocks];
    const bool counted = !SOFTMAX || labels > 0;
    uint own = 0;
    for (uint i = begin; i < end; i++) own += pairs[i].y & LABEL;
    uint so_far = counts[gl_WorkGroupID.x] + exclusive_scan(own);
    float loss = 0.0;
    for (uint i = begin; i < end; i++) {
        const uvec2 pair = pairs[i];
        const bool label = (pair.y & LABEL) != 0;
        const float error = error_of(pair.x);
        so_far += pair.y & LABEL;
        float weight = weight_of(i, labels, so_far, label);
        if (!counted || (pair.y & LABELLED) == 0 || error <= 0.0) weight = 0.0; // (an error that is no number stays)
        if (weight != 0.0) loss += weight * error;
        weights[(pair.y >> 2) * push.classes + push.class_index] = label ? -weight : weight;
    }
    const float total = sum_float(loss);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = vec2(total, gl_WorkGroupID.x == 0 && counted ? 1.0 : 0.0);
}
