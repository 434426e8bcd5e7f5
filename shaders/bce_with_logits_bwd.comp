// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
#include "lib/numerics.glsl"
#include "bce_with_logits.h"

// dz = dloss * (sigmoid(z) - t) / count
#ifdef SOFTWARE
#include "lib/lane_rows.glsl"
layout(constant_id = 1) const bool ACCUMULATE = false;
COLUMNS_3(bce_with_logits_push, z, t, dloss, dz)

float factor = scalars(dloss_at).v[0] * push.scale;

void visit(uint first, uint k)
{
    const float value = factor * (sigmoid(READ(z, first)) - READ(t, first));
    dz[first + lane] = ACCUMULATE ? READ_BACK(dz, first) + value : value;
}

void main()
{
    visit_lane_rows(push.rows, push.chunk_rows);
}
#else
#include "lib/index.glsl"
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(constant_id = 1) const bool WEIGHTED = false; // classes have weights, or targets are smoothed
layout(push_constant) uniform push_block { bce_with_logits_push push; };
#include "lib/bce_weights.glsl"
layout(std430, binding = 0) readonly buffer z_block { float z[]; };
layout(std430, binding = 1) readonly buffer t_block { float t[]; };
layout(std430, binding = 2) readonly buffer dloss_block { float dloss; };
layout(std430, binding = 3) buffer dz_block { float dz[]; };

float slope_of(uint i)
{
    if (!WEIGHTED) return sigmoid(z[i]) - t[i];
    const vec3 k = weights_of(i, t[i]);
    return k.x * (k.y - k.z * sigmoid(-z[i]));
}

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const float value = dloss * push.scale * slope_of(i);
    dz[i] = ACCUMULATE ? dz[i] + value : value;
}
#endif
