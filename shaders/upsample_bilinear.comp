// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/spatial.glsl"
#include "lib/bilinear.glsl"

// y = the four neighbours of the position in x, weighted by nearness.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) buffer y_block { float y[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const place at = place_of(i, push.yh, push.yw);
    const taps h = taps_of(at.h, push.xh, push.yh), w = taps_of(at.w, push.xw, push.yw);
    const float top = mix(x[x_at(at.n, h.low, w.low, at.c)], x[x_at(at.n, h.low, w.high, at.c)], w.weight);
    const float bottom = mix(x[x_at(at.n, h.high, w.low, at.c)], x[x_at(at.n, h.high, w.high, at.c)], w.weight);
    const float value = mix(top, bottom, h.weight);
    y[i] = ACCUMULATE ? y[i] + value : value;
}
