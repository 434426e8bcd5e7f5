// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// Transforms weights into the order in which winograd4 reads them: [block of WIDTH output channels][point][input channel][WIDTH], then
// as many zeros as there are input channels. A workgroup does LANES output channels and LANES input channels.
layout(constant_id = 1) const uint BLOCK = 2; // vectors of output channels
layout(constant_id = 2) const bool DX = false; // for the gradient of the input: the kernel is turned, output channels are neighbours
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer memory { float v[]; };
layout(push_constant) uniform push_block
{
    scalars w;
    memory packed;
    winograd_weights_push p;
} push;

const uint WIDTH = LANES * BLOCK;

winograd_weights_push p = push.p;

float load(uint o, uint c, uint tap)
{
    if (DX) return pick(uint64_t(push.w) + 4 * uint64_t(o * p.out_step + c * p.in_step + (8 - tap) * p.tap_step));
    return push.w.v[(o + lane) * p.out_step + c * p.in_step + tap * p.tap_step];
}

void transform(uint o, uint c)
{
    float a[18];
    [[unroll]] for (uint j = 0; j < 3; j++) {
        float r[6];
        weight_1d(load(o, c, j), load(o, c, 3 + j), load(o, c, 6 + j), r);
        [[unroll]] for (uint i = 0; i < 6; i++) a[i * 3 + j] = r[i];
    }
    const uint64_t to = uint64_t(push.packed) + 4 * uint64_t((o / WIDTH * (36 * p.ins) + c) * WIDTH + o % WIDTH);
    [[unroll]] for (uint i = 0; i < 6; i++) {
        float r[6];
        weight_1d(a[i * 3], a[i * 3 + 1], a[i * 3 + 2], r);
        [[unroll]] for (uint j = 0; j < 6; j++) memory(to + 4 * uint64_t((i * 6 + j) * p.ins * WIDTH)).v[lane] = r[j];
    }
}

void main()
{
    const uint group = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, p.groups - 1), columns = p.ins / LANES;
    const uint o = group / columns * LANES, first = group % columns * LANES;
    if (o == 0) memory(uint64_t(push.packed) + 4 * uint64_t(36 * p.ins * p.outs + first)).v[lane] = 0.0;
    uint c = first;
    do transform(o, c);
    while (++c < first + LANES);
}
