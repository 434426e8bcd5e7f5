// SPDX-License-Identifier: MIT
// also: SOFTWARE HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define SOURCE dy
#include "lib/make.glsl"

// dx = sum of the sh x sw elements of dy that were copied from it.
float value_at(place at)
{
    float value = 0.0;
    uint i = 0;
    do {
        uint j = 0;
        do value += READ(dy, y_index(at.n, at.h * SH + i, at.w * SW + j, at.c));
        while (++j < SW);
    } while (++i < SH);
    return value;
}
