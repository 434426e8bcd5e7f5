// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lovasz_loss.h"
layout(local_size_x = 128) in;
#include "lib/scan.glsl"

// One pass of a radix sort: pairs go to where their digit begins, in the order in which they come, so that the order is always the same.
layout(push_constant) uniform push_block { lovasz_loss_push push; };
layout(std430, binding = 0) readonly buffer pairs_block { uvec2 pairs[]; };   // [pixels]
layout(std430, binding = 1) readonly buffer counts_block { uint counts[]; };  // [digits][blocks]: pairs before
layout(std430, binding = 2) writeonly buffer sorted_block { uvec2 sorted[]; }; // [pixels]
shared uint ranks[LOVASZ_DIGITS * 128]; // [digit][invocation]
shared uint starts[LOVASZ_DIGITS];

void main()
{
    const uint me = gl_LocalInvocationIndex, block = gl_WorkGroupID.x;
    const uint begin = min(block * LOVASZ_BLOCK + me * LOVASZ_EACH, push.pixels), end = min(begin + LOVASZ_EACH, push.pixels);
    for (uint digit = 0; digit < LOVASZ_DIGITS; digit++) ranks[digit * 128 + me] = 0;
    for (uint i = begin; i < end; i++) ranks[(pairs[i].x >> push.shift & (LOVASZ_DIGITS - 1)) * 128 + me]++;
    barrier();
    uint sum = 0;
    for (uint k = 0; k < LOVASZ_DIGITS; k++) sum += ranks[me * LOVASZ_DIGITS + k];
    uint before = exclusive_scan(sum);
    for (uint k = 0; k < LOVASZ_DIGITS; k++) {
        const uint number = ranks[me * LOVASZ_DIGITS + k];
        ranks[me * LOVASZ_DIGITS + k] = before;
        before += number;
    }
    barrier();
    if (me < LOVASZ_DIGITS) starts[me] = ranks[me * 128];
    barrier();
    for (uint i = begin; i < end; i++) {
        const uvec2 pair = pairs[i];
        const uint digit = pair.x >> push.shift & (LOVASZ_DIGITS - 1);
        sorted[counts[digit * push.blocks + block] + ranks[digit * 128 + me]++ - starts[digit]] = pair;
    }
}
