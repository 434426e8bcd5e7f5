// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/rng.glsl"
#include "dropout.h"
#define STEP_BINDING 2
#include "lib/step.glsl"

// y = keep ? x / (1 - p) : 0, forward and backward alike: the mask is made anew from seed, step and node. One invocation takes
// the four elements that one block of random words decides. Parts of a batch get the words that the whole batch would get.
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { dropout_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) buffer y_block { float y[]; };

void main()
{
    const uint block = flat_index();
    if (block >= push.count) return;
    const uvec4 words = philox(uvec4(now.first_image * push.image_blocks + block, now.count, push.seed_id, RNG_DROPOUT), uvec2(now.seed_lo, now.seed_hi));
    for (uint k = 0; k < 4; k++) {
        const uint i = 4 * block + k;
        if (i >= push.elements) return;
        const float value = (words[k] >> 8) >= push.threshold ? x[i] * push.scale : 0.0;
        y[i] = ACCUMULATE ? y[i] + value : value;
    }
}
