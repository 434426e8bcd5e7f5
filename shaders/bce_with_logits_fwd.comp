// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
#include "lib/numerics.glsl"
#include "bce_with_logits.h"

// partial[group] = sum of max(z, 0) - z t + log(1 + exp(-|z|)) over the group's share of the elements; with SOFTWARE one of each lane.
float loss(float z, float t)
{
    return max(z, 0.0) - z * t + log_1p_small(exp(-abs(z)));
}

#ifdef SOFTWARE
#include "lib/lane_rows.glsl"
COLUMNS_2(bce_with_logits_push, z, t, partial)

float sum = 0.0;

void visit(uint first, uint k)
{
    sum += loss(READ(z, first), READ(t, first));
}

void main()
{
    visit_lane_rows(push.rows, push.chunk_rows);
    partial[gl_WorkGroupID.y * LANES + lane] = sum;
}
#else
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
layout(constant_id = 0) const bool WEIGHTED = false; // classes have weights, or targets are smoothed
layout(push_constant) uniform push_block { bce_with_logits_push push; };
#include "lib/bce_weights.glsl"
layout(std430, binding = 0) readonly buffer z_block { float z[]; };
layout(std430, binding = 1) readonly buffer t_block { float t[]; };
layout(std430, binding = 2) writeonly buffer partial_block { float partial[]; };
REDUCE_SUM(float, sum_float)

// w ((1 - t) z + (1 + (positive - 1) t) log(1 + exp(-z)))
float loss_of(uint i)
{
    if (!WEIGHTED) return loss(z[i], t[i]);
    const vec3 k = weights_of(i, t[i]);
    return k.x * (k.y * z[i] + k.z * (max(-z[i], 0.0) + log_1p_small(exp(-abs(z[i])))));
}

void main()
{
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    float sum = 0.0;
    for (uint i = gl_GlobalInvocationID.x; i < push.count; i += stride) sum += loss_of(i);
    const float total = sum_float(sum);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = total;
}
#endif
