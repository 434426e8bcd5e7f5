// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#define VEC 1
#define DX 1
#include "lib/conv2d_pixels.glsl"
