// SPDX-License-Identifier: MIT
// Logits and targets of one pixel, four classes at a time; classes past the last one have probability and target 0.
// For kernels whose push struct has `classes` and `ignore_index`.
#include "lib/numerics.glsl"
#include "lib/label.glsl"

layout(constant_id = 0) const bool SOFTMAX = false; // else a sigmoid per class
layout(constant_id = 1) const bool INDEXED = false; // the target is one class index per pixel

layout(std430, binding = 0) readonly buffer z_block { float z[]; }; // [pixel][class]
layout(std430, binding = 1) readonly buffer t_block { float t[]; }; // [pixel][class], or [pixel] when INDEXED

// With a softmax, a pixel may have no label: an ignored index, or a one-hot row without a one.
bool is_labelled(uint pixel)
{
    if (!SOFTMAX) return true;
    if (INDEXED) return label_index(t[pixel], push.classes, push.ignore_index) != NO_LABEL;
    bool any_class = false;
    for (uint c = 0; c < push.classes; c++) any_class = any_class || t[pixel * push.classes + c] != 0.0;
    return any_class;
}

float target_of(uint pixel, uint c)
{
    if (INDEXED) return label_index(t[pixel], push.classes, push.ignore_index) == c ? 1.0 : 0.0;
    return t[pixel * push.classes + c];
}

vec4 targets(uint pixel, uint first)
{
    vec4 four = vec4(0.0);
    for (uint k = 0; k < 4 && first + k < push.classes; k++) four[k] = target_of(pixel, first + k);
    return four;
}

vec4 logits(uint pixel, uint first)
{
    vec4 four = vec4(0.0);
    for (uint k = 0; k < 4 && first + k < push.classes; k++) four[k] = z[pixel * push.classes + first + k];
    return four;
}

// The first of the largest logits.
uint best_class(uint pixel)
{
    uint best = 0;
    for (uint c = 1; c < push.classes; c++) {
        if (z[pixel * push.classes + c] > z[pixel * push.classes + best]) best = c;
    }
    return best;
}

// What turns logits into softmax probabilities: exp(z - x) * y.
vec2 softmax_scale(uint pixel)
{
    const float most = z[pixel * push.classes + best_class(pixel)];
    float sum = 0.0;
    for (uint c = 0; c < push.classes; c++) sum += exp(z[pixel * push.classes + c] - most);
    return vec2(most, 1.0 / sum);
}

vec4 probabilities(uint pixel, uint first)
{
    const vec4 four = logits(pixel, first);
    const bvec4 real = lessThan(uvec4(first) + uvec4(0, 1, 2, 3), uvec4(push.classes));
    if (!SOFTMAX) return mix(vec4(0.0), sigmoid(four), real);
    const vec2 scale = softmax_scale(pixel);
    return mix(vec4(0.0), exp(four - scale.x) * scale.y, real);
}
