// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "gather_bwd.h"

// Splits the gradient of concat(enlarged x, skip): dx sums up the up x up pixels that were copied from one, dskip is a copy. One
// invocation per channel of such a block.
layout(constant_id = 0) const uint ACCUMULATE = 0; // bit 0: dx, bit 1: dskip
layout(push_constant) uniform push_block { gather_bwd_push push; };
layout(std430, binding = 0) readonly buffer d_block { float d[]; };
layout(std430, binding = 1) buffer dx_block { float dx[]; };
layout(std430, binding = 2) buffer dskip_block { float dskip[]; };

void main()
{
    const uint i = flat_index(), channels = push.near_c + push.skip_c, up = push.up;
    if (i >= push.count) return;
    const uint pixel = i / channels, c = i % channels, width = push.w * up; // pixel / w: row over all images
    const uint first = (pixel / push.w * width + pixel % push.w) * up;
    float sum = 0.0;
    for (uint h = 0; h < up; h++) {
        for (uint w = 0; w < up; w++) {
            const uint at = first + h * width + w;
            const float value = d[at * channels + c];
            sum += value;
            if (c < push.near_c) continue;
            const uint to = at * push.skip_c + c - push.near_c;
            dskip[to] = (ACCUMULATE & 2) != 0 ? dskip[to] + value : value;
        }
    }
    if (c >= push.near_c) return;
    const uint to = pixel * push.near_c + c;
    dx[to] = (ACCUMULATE & 1) != 0 ? dx[to] + sum : sum;
}
