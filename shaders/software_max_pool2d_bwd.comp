// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define SOFTWARE
#define MAKE_X
#define SOURCE winner
#define SECOND dy
#include "lib/make.glsl"
#include "lib/window.glsl"

// dx = sum of dy over the windows that the element wins. No more than so many cover it along each axis; where they are fewer, others
// that do not are looked at and left out.
const uint WINDOWS_H = (KH + SH - 1) / SH, WINDOWS_W = (KW + SW - 1) / SW;

float value_at(place at)
{
    const uint h_first = window_first(at.h, SH, push.ph, KH), h_end = window_last(at.h, SH, push.ph, push.yh);
    const uint w_first = window_first(at.w, SW, push.pw, KW), w_end = window_last(at.w, SW, push.pw, push.yw);
    float value = 0.0;
    for (uint i = 0; i < WINDOWS_H; i++) {
        const uint h = min(h_first + i, push.yh - 1), row = (at.h + push.ph - h * SH) * KW;
        for (uint j = 0; j < WINDOWS_W; j++) {
            const uint w = min(w_first + j, push.yw - 1), y = y_index(at.n, h, w, at.c);
            const bool covers = h_first + i < h_end && w_first + j < w_end;
            const bool wins = READ(winner, y) == float(row + at.w + push.pw - w * SW);
            value += mix(0.0, READ(dy, y), covers && wins);
        }
    }
    return value;
}
