// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define SOURCE dy
#include "lib/make.glsl"

// dx = dy where the crop lies, 0 beside it.
float value_at(place at)
{
    float value = 0.0;
    if (at.h < push.yh && at.w < push.yw) value = READ(dy, y_index(at.n, at.h, at.w, at.c));
    return value;
}
