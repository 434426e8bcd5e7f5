// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
// y = max(a, 0); written so that NaN stays NaN.
#define OPERANDS 1
#define RESULT (a < 0.0 ? 0.0 : a)
#include "lib/map.glsl"
