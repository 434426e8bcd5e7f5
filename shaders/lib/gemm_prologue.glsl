// SPDX-License-Identifier: MIT
// The prologue of convolutions on GPUs: batch norm of the channels of x, and ReLU. Blocks are normalised when they go to shared memory,
// after a slice of the sum, not when they are loaded: nothing waits for memory any earlier. Needs near_c, PROLOGUE and SAVED_BINDING.
#include "batch_norm.glsl"

layout(std430, binding = SAVED_BINDING) readonly buffer saved_block { float saved_data[]; }; // [4][near_c]: mean, inverse deviation, factor, bias
layout(std430, binding = SAVED_BINDING) readonly buffer saved4_block { vec4 saved_data4[]; };

struct norm { // of the four elements of a vector
    vec4 mean, factor, bias;
};

norm norm_of_vector(uint c)
{
    const uint n = near_c / 4, at = c / 4;
    return norm(saved_data4[at], saved_data4[2 * n + at], saved_data4[3 * n + at]);
}

void set_norm(inout norm by, uint i, uint c)
{
    by.mean[i] = saved_data[c];
    by.factor[i] = saved_data[2 * near_c + c];
    by.bias[i] = saved_data[3 * near_c + c];
}

vec4 normalise(vec4 v, norm by)
{
    [[unroll]] for (uint i = 0; i < 4; i++) {
        const float value = batch_norm_value(v[i], by.mean[i], by.factor[i], by.bias[i]);
        v[i] = PROLOGUE == 2 && value < 0.0 ? 0.0 : value; // NaN stays
    }
    return v;
}

void normalise_block(uint r, norm by)
{
    [[unroll]] for (uint i = 0; i < 4; i++) next[4 * r + i] = normalise(next[4 * r + i], by);
}
