// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/optimizer.glsl"
#define STEP_BINDING 4
#include "lib/step.glsl"
#include "optimizer.h"

// b = momentum b + g (b = g in the first step); p -= lr b, or with Nesterov p -= lr (g + momentum b)
layout(push_constant) uniform push_block { sgd_push push; };
layout(std430, binding = 2) buffer moments_block { float moments[]; }; // b

void main()
{
    const uint i = flat_index();
    if (i >= push.count || is_finite == 0.0) return;
    const float gradient = g[i] * gradient_scale + push.weight_decay * p[i];
    const float b = now.count == 1 ? gradient : push.momentum * moments[i] + gradient;
    moments[i] = b;
    p[i] -= now.lr * push.lr_factor * (push.nesterov != 0 ? gradient + push.momentum * b : b);
}
