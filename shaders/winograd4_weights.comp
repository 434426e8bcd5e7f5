// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// Transforms weights into the order in which winograd4_output reads them: [block of 2 LANES output channels][point][input channel, as they
// are in scratch memory][output channel, even ones first], then as many zeros as there are input channels. A workgroup does a block and
// LANES input channels; its lanes are those of the two that are neighbours in w.
layout(constant_id = 1) const bool DX = false; // for the gradient of the input: the kernel is turned, output channels are neighbours
layout(push_constant) uniform push_block
{
    scalars w;
    pairs packed;
    winograd_weights_push p;
} push;

const uint WIDTH = 2 * LANES, POINTS = WINOGRAD_POINTS;

winograd_weights_push p = push.p;

void transform(float taps[9], out float r[POINTS])
{
    float a[18];
    [[unroll]] for (uint j = 0; j < 3; j++) {
        float s[6];
        weight_1d(taps[j], taps[3 + j], taps[6 + j], s);
        [[unroll]] for (uint i = 0; i < 6; i++) a[i * 3 + j] = s[i];
    }
    [[unroll]] for (uint i = 0; i < 6; i++) {
        float s[6];
        weight_1d(a[i * 3], a[i * 3 + 1], a[i * 3 + 2], s);
        [[unroll]] for (uint j = 0; j < 6; j++) r[i * 6 + j] = s[j];
    }
}

// The output channel at a place of a block; that of the next place is 2 on.
uint channel_at(uint place)
{
    return 2 * (place % LANES) + place / LANES;
}

void load(uint o, uint c, out float taps[9])
{
    [[unroll]] for (uint tap = 0; tap < 9; tap++)
        taps[tap] = DX ? push.w.v[(o + channel_at(2 * lane)) * p.out_step + c * p.in_step + (8 - tap) * p.tap_step]
                       : pick(uint64_t(push.w) + 4 * uint64_t(o * p.out_step + c * p.in_step + tap * p.tap_step));
}

// Two output channels of each lane: o and o + 2 for input channel c of them.
void pack(uint o, uint c, uint64_t to, uint lane_step)
{
    float taps[9], a[POINTS], b[POINTS];
    load(o, c, taps);
    transform(taps, a);
    load(o + 2, c, taps);
    transform(taps, b);
    [[unroll]] for (uint i = 0; i < POINTS; i++) pairs(to + 4 * uint64_t(i * p.ins * WIDTH)).v[lane * lane_step] = pair(a[i], b[i]);
}

void main()
{
    const uint group = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, p.groups - 1), columns = p.ins / LANES;
    const uint block = group / columns, first = group % columns * LANES, odd = first / LANES % 2;
    const uint64_t packed = uint64_t(push.packed), zeros = packed + 4 * uint64_t(POINTS * p.ins * p.outs);
    const uint64_t to = packed + 4 * uint64_t((block * (POINTS * p.ins) + first - odd * LANES + odd) * WIDTH);
    pairs(zeros + 8 * (first / 2)).v[lane / 2] = 0;
    uint i = 0;
    if (DX) do pack(block * WIDTH, first + i, to + 8 * WIDTH * i, 1);
        while (++i < LANES);
    else do pack(block * WIDTH + channel_at(2 * i), first, to + 8 * i, WIDTH);
        while (++i < LANES);
}
