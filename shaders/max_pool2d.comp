// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define OPERANDS 1
#include "lib/make.glsl"
#include "lib/window.glsl"

// y = the largest element of the window; padding never wins.
layout(std430, binding = 0) readonly buffer x_block { float x[]; };

float value_at(place at)
{
    const uint h_end = window_end(at.h, push.sh, push.ph, push.kh, push.xh), w_end = window_end(at.w, push.sw, push.pw, push.kw, push.xw);
    const uint h_begin = window_begin(at.h, push.sh, push.ph), w_begin = window_begin(at.w, push.sw, push.pw);
    float value = x[x_at(at.n, h_begin, w_begin, at.c)];
    for (uint h = h_begin; h < h_end; h++) {
        for (uint w = w_begin; w < w_end; w++) value = max(value, x[x_at(at.n, h, w, at.c)]);
    }
    return value;
}
