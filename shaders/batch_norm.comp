// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "batch_norm.h"

// y = (x - mean) * inverse deviation * weight + bias. One invocation per element. FROM_VARIANCE: the second row of stats is the
// variance (running statistics), else the inverse deviation (saved ones).
layout(constant_id = 0) const bool FROM_VARIANCE = false;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer wb_block { float wb[]; };       // [2][channels]
layout(std430, binding = 2) readonly buffer stats_block { float stats[]; }; // [2][channels]
layout(std430, binding = 3) writeonly buffer y_block { float y[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint c = i % push.channels, second = push.channels + c;
    const float inverse = FROM_VARIANCE ? 1.0 / sqrt(stats[second] + push.eps) : stats[second];
    y[i] = (x[i] - stats[c]) * (inverse * wb[c]) + wb[second];
}
