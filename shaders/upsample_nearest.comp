// SPDX-License-Identifier: MIT
// also: SOFTWARE HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define SOURCE x
#define COPIES
#include "lib/make.glsl"

// y[h][w] = x[h / sh][w / sw]
uint copied(place at)
{
    return x_index(at.n, at.h / SH, at.w / SW, at.c);
}

float value_at(place at)
{
    return READ(x, copied(at));
}
