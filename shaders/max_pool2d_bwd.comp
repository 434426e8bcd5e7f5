// SPDX-License-Identifier: MIT
// also: HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define SOURCE x
#define SECOND dy
#include "lib/make.glsl"
#include "lib/window.glsl"

// dx = sum of dy over the windows that the element wins. The first of equal elements wins, row after row. Every element is
// looked for in the windows round it again, which needs neither stored indices nor atomics.
bool wins(place at, float mine, uint window_h, uint window_w)
{
    const uint h_end = window_end(window_h, push.sh, push.ph, push.kh, push.xh);
    const uint w_end = window_end(window_w, push.sw, push.pw, push.kw, push.xw);
    bool best = true;
    for (uint h = window_begin(window_h, push.sh, push.ph); h < h_end; h++) {
        for (uint w = window_begin(window_w, push.sw, push.pw); w < w_end; w++) {
            const float other = READ(x, x_index(at.n, h, w, at.c));
            const bool earlier = h < at.h || (h == at.h && w < at.w);
            best = best && !(other > mine || (earlier && other == mine));
        }
    }
    return best;
}

float value_at(place at)
{
    const uint h_end = window_last(at.h, push.sh, push.ph, push.yh), w_end = window_last(at.w, push.sw, push.pw, push.yw);
    const float mine = READ(x, x_index(at.n, at.h, at.w, at.c));
    float value = 0.0;
    for (uint h = window_first(at.h, push.sh, push.ph, push.kh); h < h_end; h++) {
        for (uint w = window_first(at.w, push.sw, push.pw, push.kw); w < w_end; w++) {
            if (wins(at, mine, h, w)) value += READ(dy, y_index(at.n, h, w, at.c));
        }
    }
    return value;
}
