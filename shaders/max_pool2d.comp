// SPDX-License-Identifier: MIT
// also: SOFTWARE
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define SOURCE x
#include "lib/make.glsl"
#include "lib/window.glsl"

// y = the largest element of the window; padding never wins.
float value_at(place at)
{
    const uint h_end = window_end(at.h, push.sh, push.ph, push.kh, push.xh), w_end = window_end(at.w, push.sw, push.pw, push.kw, push.xw);
    const uint h_begin = window_begin(at.h, push.sh, push.ph), w_begin = window_begin(at.w, push.sw, push.pw);
    float value = READ(x, x_index(at.n, h_begin, w_begin, at.c));
#ifdef SOFTWARE
    uint h = h_begin;
    do {
        uint w = w_begin;
        do value = max(value, READ(x, x_index(at.n, h, w, at.c)));
        while (++w < w_end);
    } while (++h < h_end);
#else // SwiftShader leaves such loops early where invocations differ in their ends
    for (uint h = h_begin; h < h_end; h++) {
        for (uint w = w_begin; w < w_end; w++) value = max(value, READ(x, x_index(at.n, h, w, at.c)));
    }
#endif
    return value;
}
