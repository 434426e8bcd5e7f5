// SPDX-License-Identifier: MIT
// also: SOFTWARE
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
    const uint w_begin = window_begin(window_w, push.sw, push.pw);
    uint h = window_begin(window_h, push.sh, push.ph);
    bool best = true;
    do {
        uint w = w_begin;
        do {
            const float other = READ(x, x_index(at.n, h, w, at.c));
            const bool earlier = h < at.h || (h == at.h && w < at.w);
            best = best && !(other > mine || (earlier && other == mine));
        } while (++w < w_end);
    } while (++h < h_end);
    return best;
}

// Where no window covers the element, one that doesn't is looked at and left out.
float value_at(place at)
{
    const uint h_end = window_last(at.h, push.sh, push.ph, push.yh), w_end = window_last(at.w, push.sw, push.pw, push.yw);
    const uint w_first = min(window_first(at.w, push.sw, push.pw, push.kw), push.yw - 1);
    const float mine = READ(x, x_index(at.n, at.h, at.w, at.c));
    uint h = min(window_first(at.h, push.sh, push.ph, push.kh), push.yh - 1);
    float value = 0.0;
    do {
        uint w = w_first;
        do {
            const float gradient = READ(dy, y_index(at.n, h, w, at.c));
            const bool covers = covered(at.h, h, push.sh, push.ph, push.kh) && covered(at.w, w, push.sw, push.pw, push.kw);
            if (wins(at, mine, h, w) && covers) value += gradient;
        } while (++w < w_end);
    } while (++h < h_end);
    return value;
}
