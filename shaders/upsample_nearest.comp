// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_Y
#define OPERANDS 1
#include "lib/make.glsl"

// y[h][w] = x[h / sh][w / sw]
layout(std430, binding = 0) readonly buffer x_block { float x[]; };

float value_at(place at)
{
    return x[x_at(at.n, at.h / push.sh, at.w / push.sw, at.c)];
}
