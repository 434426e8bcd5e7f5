// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "grad_norm.h"

// norm = sqrt(sum of the partial sums), scale = min(1, max_norm / (norm + 1e-6)). One workgroup. With a loss scale the sums are of
// gradients times it: norm and scale are divided by it; then it is adapted for the next step.
layout(push_constant) uniform push_block { grad_norm_push push; };
layout(std430, binding = 0) readonly buffer partial_block { float partial[]; };
layout(std430, binding = 1) writeonly buffer y_block { float y[]; }; // scale, norm, is it finite, the loss scale or 0
layout(std430, binding = 2) buffer loss_scale_block { float loss_scale; };
layout(std430, binding = 3) buffer steps_block { float steps; }; // good ones since the loss scale changed
REDUCE_SUM(float, sum_float)

// By the bits: compilers that assume finite floats remove isinf and isnan.
bool finite(float value)
{
    return (floatBitsToUint(value) & 0x7f800000u) != 0x7f800000u;
}

void adapt_loss_scale(bool usable)
{
    steps = usable ? steps + 1.0 : 0.0;
    if (!usable) loss_scale = max(loss_scale * 0.5, LOSS_SCALE_LEAST);
    if (steps < LOSS_SCALE_STEPS) return;
    loss_scale = min(loss_scale * 2.0, LOSS_SCALE_MOST);
    steps = 0.0;
}

void main()
{
    float sum = 0.0;
    for (uint i = gl_LocalInvocationIndex; i < push.count; i += REDUCE_SIZE) sum += partial[i];
    const float total = sqrt(sum_float(sum));
    if (gl_LocalInvocationIndex != 0) return;
    const bool usable = finite(total);
    const float unscale = push.scaled != 0 ? 1.0 / loss_scale : 1.0, norm = total * unscale;
    y[0] = usable && push.max_norm > 0.0 ? min(1.0, push.max_norm / (norm + 1e-6)) * unscale : unscale;
    y[1] = norm;
    y[2] = usable ? 1.0 : 0.0;
    y[3] = push.scaled != 0 ? loss_scale : 0.0;
    if (push.scaled != 0) adapt_loss_scale(usable);
}
