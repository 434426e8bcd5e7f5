// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/spatial.glsl"

// dx = sum of the sh x sw elements of dy that were copied from it.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(std430, binding = 0) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 1) buffer dx_block { float dx[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const place at = place_of(i, push.xh, push.xw);
    float value = 0.0;
    for (uint h = at.h * push.sh; h < (at.h + 1) * push.sh; h++) {
        for (uint w = at.w * push.sw; w < (at.w + 1) * push.sw; w++) value += dy[y_at(at.n, h, w, at.c)];
    }
    dx[i] = ACCUMULATE ? dx[i] + value : value;
}
