// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "grad_norm.h"

// norm = sqrt(sum of the partial sums), scale = min(1, max_norm / (norm + 1e-6)). One workgroup.
layout(push_constant) uniform push_block { grad_norm_push push; };
layout(std430, binding = 0) readonly buffer partial_block { float partial[]; };
layout(std430, binding = 1) writeonly buffer y_block { float y[]; }; // scale, norm, is it finite, 0
REDUCE_SUM(float, sum_float)

// By the bits: compilers that assume finite floats remove isinf and isnan.
bool finite(float value)
{
    return (floatBitsToUint(value) & 0x7f800000u) != 0x7f800000u;
}

void main()
{
    float sum = 0.0;
    for (uint i = gl_LocalInvocationIndex; i < push.count; i += REDUCE_SIZE) sum += partial[i];
    const float norm = sqrt(sum_float(sum));
    if (gl_LocalInvocationIndex != 0) return;
    const bool usable = finite(norm);
    y[0] = usable && push.max_norm > 0.0 ? min(1.0, push.max_norm / (norm + 1e-6)) : 1.0;
    y[1] = norm;
    y[2] = usable ? 1.0 : 0.0;
    y[3] = 0.0;
}
