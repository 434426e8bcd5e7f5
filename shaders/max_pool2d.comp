// SPDX-License-Identifier: MIT
// also: SOFTWARE HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define SOURCE x
#include "lib/make.glsl"
#include "lib/window.glsl"

// y = the largest element of the window; padding never wins.
float value_at(place at)
{
    float value = READ(x, x_index(at.n, window_at(at.h, 0, SH, push.ph, push.xh), window_at(at.w, 0, SW, push.pw, push.xw), at.c));
    for (uint i = 0; i < KH; i++) {
        const uint h = window_at(at.h, i, SH, push.ph, push.xh);
        for (uint j = 0; j < KW; j++) value = max(value, READ(x, x_index(at.n, h, window_at(at.w, j, SW, push.pw, push.xw), at.c)));
    }
    return value;
}
