// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/spatial.glsl"

// y = the top left yh x yw of x.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) buffer y_block { float y[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const place at = place_of(i, push.yh, push.yw);
    const float value = x[x_at(at.n, at.h, at.w, at.c)];
    y[i] = ACCUMULATE ? y[i] + value : value;
}
