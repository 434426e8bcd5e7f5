// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/spatial.glsl"

// dx = dy where the crop lies, 0 beside it.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(std430, binding = 0) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 1) buffer dx_block { float dx[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const place at = place_of(i, push.xh, push.xw);
    float value = 0.0;
    if (at.h < push.yh && at.w < push.yw) value = dy[y_at(at.n, at.h, at.w, at.c)];
    dx[i] = ACCUMULATE ? dx[i] + value : value;
}
