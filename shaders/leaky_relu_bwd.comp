// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
// dx = dy where y > 0, else alpha dy; a is dy, b is y, which has the sign of x as alpha is not negative.
#define OPERANDS 2
#define RESULT (b > 0.0 ? a : alpha * a)
#include "lib/map.glsl"
