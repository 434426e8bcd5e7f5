// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define SOURCE x
#include "lib/make.glsl"
#include "lib/bilinear.glsl"

// y = the four neighbours of the position in x, weighted by nearness.
float value_at(place at)
{
    const taps h = taps_of(at.h, push.xh, push.yh), w = taps_of(at.w, push.xw, push.yw);
    const float top = mix(READ(x, x_index(at.n, h.low, w.low, at.c)), READ(x, x_index(at.n, h.low, w.high, at.c)), w.weight);
    const float bottom = mix(READ(x, x_index(at.n, h.high, w.low, at.c)), READ(x, x_index(at.n, h.high, w.high, at.c)), w.weight);
    return mix(top, bottom, h.weight);
}
