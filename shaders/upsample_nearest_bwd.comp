// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define OPERANDS 1
#include "lib/make.glsl"

// dx = sum of the sh x sw elements of dy that were copied from it.
layout(std430, binding = 0) readonly buffer dy_block { float dy[]; };

float value_at(place at)
{
    float value = 0.0;
    for (uint h = at.h * push.sh; h < (at.h + 1) * push.sh; h++) {
        for (uint w = at.w * push.sw; w < (at.w + 1) * push.sw; w++) value += dy[y_at(at.n, h, w, at.c)];
    }
    return value;
}
