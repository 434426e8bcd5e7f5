// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "metrics.h"
layout(push_constant) uniform push_block { metrics_push push; };
#include "lib/classes.glsl"

// partial[group.x][image][class] = counts and sums over the group's share of one image's labelled pixels; group.y is the block
// of four classes, group.z the image.
layout(std430, binding = 2) writeonly buffer partial_block { uint partial[]; }; // METRICS_WORDS per class
REDUCE_SUM(uvec4, count_uvec4)
REDUCE_SUM(vec4, sum_vec4)

bvec4 predictions(uint pixel, uint first)
{
    if (SOFTMAX) return equal(uvec4(first) + uvec4(0, 1, 2, 3), uvec4(best_class(pixel)));
    return greaterThanEqual(logits(pixel, first), vec4(push.threshold));
}

uvec4 count_if(bvec4 positive, bvec4 is_true)
{
    return uvec4(positive) * uvec4(is_true);
}

void main()
{
    const uint first = 4 * gl_WorkGroupID.y;
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    uvec4 counts[4] = uvec4[4](uvec4(0), uvec4(0), uvec4(0), uvec4(0));
    vec4 sums[3] = vec4[3](vec4(0.0), vec4(0.0), vec4(0.0));
    for (uint i = gl_GlobalInvocationID.x; i < push.pixels; i += stride) {
        const uint pixel = gl_WorkGroupID.z * push.pixels + i;
        if (!is_labelled(pixel)) continue;
        const vec4 p = probabilities(pixel, first);
        const vec4 target = targets(pixel, first);
        const bvec4 is_true = greaterThan(target, vec4(0.5));
        const bvec4 positive = predictions(pixel, first);
        counts[0] += count_if(positive, is_true);
        counts[1] += count_if(positive, not(is_true));
        counts[2] += count_if(not(positive), is_true);
        counts[3] += count_if(not(positive), not(is_true));
        sums[0] += p * target;
        sums[1] += p;
        sums[2] += target;
    }
    const uint k = gl_LocalInvocationIndex;
    const bool writes = k < 4 && first + k < push.classes;
    const uint row = gl_WorkGroupID.x * gl_NumWorkGroups.z + gl_WorkGroupID.z;
    const uint base = (row * push.classes + first + k) * METRICS_WORDS;
    for (uint i = 0; i < 4; i++) {
        const uvec4 total = count_uvec4(counts[i]);
        if (writes) partial[base + i] = total[k];
    }
    for (uint i = 0; i < 3; i++) {
        const vec4 total = sum_vec4(sums[i]);
        if (writes) partial[base + 4 + i] = floatBitsToUint(total[k]);
    }
    if (writes) partial[base + 7] = 0;
}
