// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
// dx = dy where y > 0, else 0; a is dy, b is y.
#define OPERANDS 2
#define RESULT (b > 0.0 ? a : 0.0)
#include "lib/map.glsl"
