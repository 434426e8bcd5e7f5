// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lovasz_loss.h"
layout(local_size_x = 128) in;

// counts[digit][block]: how many of a block's keys have that digit; with LABELS counts[block]: how many pairs have the label.
layout(constant_id = 0) const bool LABELS = false;
layout(push_constant) uniform push_block { lovasz_loss_push push; };
layout(std430, binding = 0) readonly buffer pairs_block { uvec2 pairs[]; }; // [pixels]
layout(std430, binding = 1) writeonly buffer counts_block { uint counts[]; };
shared uint bins[LOVASZ_DIGITS];

void main()
{
    const uint me = gl_LocalInvocationIndex, block = gl_WorkGroupID.x;
    if (me < LOVASZ_DIGITS) bins[me] = 0;
    barrier();
    for (uint k = 0; k < LOVASZ_EACH; k++) {
        const uint i = block * LOVASZ_BLOCK + k * 128 + me;
        if (i < push.pixels) atomicAdd(bins[LABELS ? pairs[i].y & 1u : pairs[i].x >> push.shift & (LOVASZ_DIGITS - 1)], 1);
    }
    barrier();
    if (LABELS && me == 0) counts[block] = bins[1];
    if (!LABELS && me < LOVASZ_DIGITS) counts[me * push.blocks + block] = bins[me];
}
