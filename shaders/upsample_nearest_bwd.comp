// SPDX-License-Identifier: MIT
// also: SOFTWARE
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define SOURCE dy
#include "lib/make.glsl"

// dx = sum of the sh x sw elements of dy that were copied from it.
float value_at(place at)
{
    uint h = at.h * push.sh;
    float value = 0.0;
    do {
        uint w = at.w * push.sw;
        do value += READ(dy, y_index(at.n, h, w, at.c));
        while (++w < (at.w + 1) * push.sw);
    } while (++h < (at.h + 1) * push.sh);
    return value;
}
