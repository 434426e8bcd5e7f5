// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#define STEP_BINDING 2
#include "lib/step.glsl"
#include "ema.h"

// a += (1 - d) (p - a), d = min(decay, (1 + t) / (10 + t)): the first values, which are those of chance, are soon forgotten.
layout(push_constant) uniform push_block { ema_push push; };
layout(std430, binding = 0) buffer a_block { float a[]; };
layout(std430, binding = 1) readonly buffer p_block { float p[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    // 1 - d: 1 - (1 + t) / (10 + t) is 9 / (10 + t)
    const float share = max(push.share, 9.0 / (10.0 + float(now.count)));
    a[i] += share * (p[i] - a[i]);
}
