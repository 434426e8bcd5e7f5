// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
// y = alpha a
#define OPERANDS 1
#define RESULT (alpha * a)
#include "lib/map.glsl"
