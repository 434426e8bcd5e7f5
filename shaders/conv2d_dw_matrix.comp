// SPDX-License-Identifier: MIT
// also: BF16
#version 460
#extension GL_GOOGLE_include_directive : require
#define MATRIX
#include "lib/gemm_weights.glsl"
