// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define OPERANDS 1
#include "lib/make.glsl"

// dx = dy where the crop lies, 0 beside it.
layout(std430, binding = 0) readonly buffer dy_block { float dy[]; };

float value_at(place at)
{
    float value = 0.0;
    if (at.h < push.yh && at.w < push.yw) value = dy[y_at(at.n, at.h, at.w, at.c)];
    return value;
}
