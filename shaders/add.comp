// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
// y = a + b
#define OPERANDS 2
#define RESULT (a + b)
#include "lib/map.glsl"
