// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define SOFTWARE
#define MAKE_Y
#define SOURCE x
#include "lib/make.glsl"
#include "lib/window.glsl"

// Which element of its window is the largest, counted row after row. The first of equal elements wins.
float value_at(place at)
{
    float most = 0.0, winner = 0.0;
    for (uint i = 0; i < KH; i++) {
        const uint h = window_at(at.h, i, SH, push.ph, push.xh), row = (h + push.ph - at.h * SH) * KW;
        for (uint j = 0; j < KW; j++) {
            const uint w = window_at(at.w, j, SW, push.pw, push.xw);
            const float other = READ(x, x_index(at.n, h, w, at.c));
            const bool larger = i + j == 0 || other > most;
            winner = mix(winner, float(row + w + push.pw - at.w * SW), larger);
            most = mix(most, other, larger);
        }
    }
    return winner;
}
