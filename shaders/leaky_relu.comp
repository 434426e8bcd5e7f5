// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
// y = a above 0, else alpha a.
#define OPERANDS 1
#define RESULT (a < 0.0 ? alpha * a : a)
#include "lib/map.glsl"
