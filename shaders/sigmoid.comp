// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
// y = 1 / (1 + exp(-a)), by the side on which exp can't overflow.
#define OPERANDS 1
#define RESULT (a < 0.0 ? exp(a) / (1.0 + exp(a)) : 1.0 / (1.0 + exp(-a)))
#include "lib/map.glsl"
