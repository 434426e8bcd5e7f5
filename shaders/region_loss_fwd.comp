// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "region_loss.h"
layout(push_constant) uniform push_block { region_loss_push push; };
#include "lib/classes.glsl"

// partial[group.x][group.z][k][class] = sums of p t, p and t (k = 0, 1, 2) over the group's share of the labelled pixels; group.y is
// the block of four classes, group.z the segment.
layout(std430, binding = 2) writeonly buffer partial_block { float partial[]; };
REDUCE_SUM(vec4, sum_vec4)

void main()
{
    const uint first = 4 * gl_WorkGroupID.y;
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    vec4 sums[3] = vec4[3](vec4(0.0), vec4(0.0), vec4(0.0));
    const uint begin = gl_WorkGroupID.z * push.segment_pixels, end = begin + push.segment_pixels;
    for (uint i = begin + gl_GlobalInvocationID.x; i < end; i += stride) {
        if (!is_labelled(i)) continue;
        const vec4 p = probabilities(i, first);
        const vec4 target = targets(i, first);
        sums[0] += p * target;
        sums[1] += p;
        sums[2] += target;
    }
    for (uint k = 0; k < 3; k++) {
        const vec4 total = sum_vec4(sums[k]);
        const uint c = first + gl_LocalInvocationIndex;
        if (gl_LocalInvocationIndex < 4 && c < push.classes) {
            partial[((gl_WorkGroupID.x * push.segments + gl_WorkGroupID.z) * 3 + k) * push.classes + c] = total[gl_LocalInvocationIndex];
        }
    }
}
