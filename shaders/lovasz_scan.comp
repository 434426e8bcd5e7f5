// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lovasz_loss.h"
layout(local_size_x = 128) in;
#include "lib/scan.glsl"

// Each of the numbers becomes the sum of those before it; behind them the sum of all is written. One workgroup.
layout(push_constant) uniform push_block { lovasz_loss_push push; };
layout(std430, binding = 0) buffer counts_block { uint counts[]; }; // [numbers + 1]

void main()
{
    const uint me = gl_LocalInvocationIndex, each = (push.numbers + 127) / 128;
    const uint begin = min(me * each, push.numbers), end = min(begin + each, push.numbers);
    uint sum = 0;
    for (uint i = begin; i < end; i++) sum += counts[i];
    uint before = exclusive_scan(sum);
    if (me == 127) counts[push.numbers] = before + sum;
    for (uint i = begin; i < end; i++) {
        const uint number = counts[i];
        counts[i] = before;
        before += number;
    }
}
