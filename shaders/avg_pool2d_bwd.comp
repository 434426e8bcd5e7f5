// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define SOURCE dy
#include "lib/make.glsl"
#include "lib/window.glsl"

// dx = sum of dy over the windows that cover the element / (kh kw).
float value_at(place at)
{
    const uint h_end = window_last(at.h, push.sh, push.ph, push.yh), w_end = window_last(at.w, push.sw, push.pw, push.yw);
    float sum = 0.0;
    for (uint h = window_first(at.h, push.sh, push.ph, push.kh); h < h_end; h++) {
        for (uint w = window_first(at.w, push.sw, push.pw, push.kw); w < w_end; w++) sum += READ(dy, y_index(at.n, h, w, at.c));
    }
    return sum / float(push.kh * push.kw);
}
