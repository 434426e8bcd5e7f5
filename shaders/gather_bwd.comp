// SPDX-License-Identifier: MIT
// also: HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/elements.glsl"
#include "gather_bwd.h"

// Splits the gradient of concat(enlarged x, skip): dx sums up the up x up pixels that were copied from one, dskip is a copy. One
// invocation per channel of such a block, with HALF per two.
layout(constant_id = 0) const uint ACCUMULATE = 0; // bit 0: dx, bit 1: dskip
layout(push_constant) uniform push_block { gather_bwd_push push; };
ELEMENTS(0, d)
RESULTS(1, dx)
RESULTS(2, dskip)

void main()
{
    const uint i = flat_index(), channels = push.near_c + push.skip_c, up = push.up;
    if (i >= push.count) return;
    const uint pixel = i / channels, c = i % channels, width = push.w * up; // pixel / w: row over all images
    const uint first = (pixel / push.w * width + pixel % push.w) * up;
    float sum[ELEMENTS_EACH];
    EACH_ELEMENT(k) sum[k] = 0.0;
    for (uint h = 0; h < up; h++) {
        for (uint w = 0; w < up; w++) {
            const uint at = first + h * width + w;
            EACH_ELEMENT(k) {
                const float value = READ(d, at * channels + c + k);
                sum[k] += value;
                if (c < push.near_c) continue;
                const uint to = at * push.skip_c + c - push.near_c + k;
                WRITE(dskip, to, (ACCUMULATE & 2) != 0 ? READ_BACK(dskip, to) + value : value);
            }
        }
    }
    if (c >= push.near_c) return;
    EACH_ELEMENT(k) {
        const uint to = pixel * push.near_c + c + k;
        WRITE(dx, to, (ACCUMULATE & 1) != 0 ? READ_BACK(dx, to) + sum[k] : sum[k]);
    }
}
