// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/optimizer.glsl"
#include "optimizer.h"

// Adam (Kingma and Ba, 2015) with weight decay added to the gradient, or AdamW (Loshchilov and Hutter, 2019) with decoupled decay:
// m += (1 - beta1) (g - m); v = beta2 v + (1 - beta2) g^2; p -= lr / bias1 * m / (sqrt(v / bias2) + eps)
layout(constant_id = 0) const bool DECOUPLED = false;
layout(push_constant) uniform push_block { adam_push push; };
layout(std430, binding = 2) buffer moments_block { vec2 moments[]; }; // m, v

void main()
{
    const uint i = flat_index();
    if (i >= push.count || is_finite == 0.0) return;
    const float decayed = DECOUPLED ? p[i] - now.lr * push.weight_decay * p[i] : p[i];
    const float gradient = g[i] * gradient_scale + (DECOUPLED ? 0.0 : push.weight_decay * p[i]);
    const float m = moments[i].x + push.one_minus_beta1 * (gradient - moments[i].x);
    const float v = push.beta2 * moments[i].y + push.one_minus_beta2 * gradient * gradient;
    moments[i] = vec2(m, v);
    p[i] = decayed - now.lr / now.bias_correction1 * m / (sqrt(v / now.bias_correction2) + push.eps);
}
