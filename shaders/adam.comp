// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
#include "optimizer.h"

// Adam (Kingma and Ba, 2015) with weight decay added to the gradient, or AdamW (Loshchilov and Hutter, 2019) with decoupled decay:
// m += (1 - beta1) (g - m); v = beta2 v + (1 - beta2) g^2; p -= lr / bias1 * m / (sqrt(v / bias2) + eps)
// RAdam (Liu and others, 2020): p -= lr / bias1 * m / (sqrt(v) + eps), without the divisor while bias2 is 0.
// NAdam (Dozat, 2016): p -= (lr / bias1 * m + lr / bias3 * g) / (sqrt(v / bias2) + eps)
#define STEP_BINDING 4
#include "lib/step.glsl"
#ifdef SOFTWARE
#include "lib/lane_rows.glsl"
layout(constant_id = 1) const uint KIND = ADAM_PLAIN;
layout(push_constant) uniform push_block
{
    pairs p_pointer;
    scalars g_pointer;
    pairs moments_pointer;
    scalars scale_pointer;
    adam_push push_data;
};

adam_push push = push_data;
uint64_t p_at = uint64_t(p_pointer), g_at = uint64_t(g_pointer), moments_at = uint64_t(moments_pointer);
float gradient_scale = scale_pointer.v[0], is_finite = scale_pointer.v[2];
#else
#include "lib/index.glsl"
#include "lib/optimizer.glsl"
layout(constant_id = 0) const uint KIND = ADAM_PLAIN;
layout(push_constant) uniform push_block { adam_push push; };
layout(std430, binding = 2) buffer moments_block { vec2 moments[]; }; // m, v
#endif
const bool DECOUPLED = KIND == ADAM_DECOUPLED;
float lr = now.lr * push.lr_factor, rate = lr / now.bias_correction1, correction = now.bias_correction2;

// p, m and v after the step.
vec3 step_of(float p, float g, float m, float v)
{
    const float decayed = DECOUPLED ? p - lr * push.weight_decay * p : p;
    const float gradient = g * gradient_scale + (DECOUPLED ? 0.0 : push.weight_decay * p);
    m += push.one_minus_beta1 * (gradient - m);
    v = push.beta2 * v + push.one_minus_beta2 * gradient * gradient;
    if (KIND == ADAM_RECTIFIED) return vec3(p - rate * m / (correction == 0.0 ? 1.0 : sqrt(v) + push.eps), m, v);
    if (KIND == ADAM_NESTEROV)
        return vec3(p - (rate * m + lr / now.bias_correction3 * gradient) / (sqrt(v / correction) + push.eps), m, v);
    return vec3(decayed - rate * m / (sqrt(v / correction) + push.eps), m, v);
}

#ifdef SOFTWARE
// A lane has two parameters side by side, with their moments. `first`: of lane 0, counted in twos.
void visit(uint first, uint k)
{
    const uint64_t p = p_at + 8 * uint64_t(first), moments = moments_at + 16 * uint64_t(first);
    const vec2 old = pick_pair(p), g = pick_pair(g_at + 8 * uint64_t(first));
    const vec4 mv = pick_four(moments);
    const vec3 a = step_of(old.x, g.x, mv.x, mv.y), b = step_of(old.y, g.y, mv.z, mv.w);
    pairs(p).v[lane] = pair(a.x, b.x);
    pairs(moments).v[2 * lane] = pair(a.y, a.z);
    pairs(moments).v[2 * lane + 1] = pair(b.y, b.z);
}

void main()
{
    if (is_finite != 0.0) visit_lane_rows(push.rows, push.chunk_rows);
}
#else
void main()
{
    const uint i = flat_index();
    if (i >= push.count || is_finite == 0.0) return;
    const vec3 stepped = step_of(p[i], g[i], moments[i].x, moments[i].y);
    p[i] = stepped.x;
    moments[i] = stepped.yz;
}
#endif
