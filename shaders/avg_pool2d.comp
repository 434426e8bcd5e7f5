// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define SOURCE x
#include "lib/make.glsl"
#include "lib/window.glsl"

// y = sum of the window / (kh kw): padding counts as zeros.
float value_at(place at)
{
    const uint h_end = window_end(at.h, push.sh, push.ph, push.kh, push.xh), w_end = window_end(at.w, push.sw, push.pw, push.kw, push.xw);
    float sum = 0.0;
    for (uint h = window_begin(at.h, push.sh, push.ph); h < h_end; h++) {
        for (uint w = window_begin(at.w, push.sw, push.pw); w < w_end; w++) sum += READ(x, x_index(at.n, h, w, at.c));
    }
    return sum / float(push.kh * push.kw);
}
