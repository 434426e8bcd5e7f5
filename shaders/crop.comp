// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define SOURCE x
#include "lib/make.glsl"

// y = the top left yh x yw of x.
float value_at(place at)
{
    return READ(x, x_index(at.n, at.h, at.w, at.c));
}
