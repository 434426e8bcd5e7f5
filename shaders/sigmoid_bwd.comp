// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
// dx = dy y (1 - y); a is dy, b is y.
#define OPERANDS 2
#define RESULT (a * b * (1.0 - b))
#include "lib/map.glsl"
