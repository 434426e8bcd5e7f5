// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "software_conv2d.h"

// Puts weights into the order in which software_conv2d reads them: zeros; then for each block of WIDTH output channels their biases and
// [tap][channel read][WIDTH] weights, zero past the last channel, of pairs of channels all first ones before all second ones. A workgroup
// does one tap, of LANES channels that are read.
layout(constant_id = 1) const uint BLOCK = 2;
layout(constant_id = 2) const bool DX = false; // the weights are of the convolution whose gradient is computed
layout(constant_id = 3) const bool BIAS = false;
layout(constant_id = 4) const bool WHOLE = false; // rows of w are whole vectors
layout(push_constant) uniform push_block
{
    scalars w;
    software_pack_push p;
} push;
layout(std430, binding = 1) readonly buffer w_block { float w_data[]; }; // the same: for rows that end within a vector
layout(std430, binding = 2) readonly buffer bias_block { float bias_data[]; };
layout(std430, binding = 3) writeonly buffer packed_block { float packed[]; };

const uint WIDTH = LANES * BLOCK;

software_pack_push p = push.p;
uint64_t w = uint64_t(push.w);
uint blocks = (p.outs + WIDTH - 1) / WIDTH, size = WIDTH * (1 + p.taps * p.ins); // of a block

// Elements at .. at + LANES - 1 of w, of which `count` exist.
float load(uint at, uint count)
{
    if (WHOLE) return pick(w + 4 * uint64_t(at));
    float value = 0.0;
    if (lane < count) value = w_data[at + lane];
    return value;
}

// Where output channel o is, after the first one of block 0.
uint place(uint o)
{
    return o / WIDTH * size + o % BLOCK * LANES + o % WIDTH / BLOCK;
}

void start()
{
    for (uint i = 0; i < p.zeros; i += LANES) packed[i + lane] = 0.0;
    for (uint o = lane; o < blocks * WIDTH; o += LANES) {
        float value = 0.0;
        if (BIAS && o < p.outs) value = bias_data[o];
        packed[p.zeros + place(o)] = value;
    }
}

// In DX the channels written are those of w in memory, so that both sides are runs of lanes.
void pack_dx(uint tap, uint k)
{
    const uint from = (k * p.taps + p.taps - 1 - tap) * p.outs, to = p.zeros + WIDTH * (1 + tap * p.ins + k);
    uint o = 0;
    do {
        const float value = load(from + min(o, p.outs - (WHOLE ? LANES : 1)), p.outs - min(o, p.outs));
        packed[to + place(o + lane)] = o < p.outs ? value : 0.0;
        o += LANES;
    } while (o < blocks * WIDTH);
}

// Otherwise lanes run along the channels read.
void pack_forward(uint tap, uint first)
{
    const uint to = p.zeros + WIDTH * (1 + tap * p.ins + first + lane);
    uint o = 0;
    do {
        const float value = load((min(o, p.outs - 1) * p.taps + tap) * p.ins + first, p.ins - first);
        if (first + lane < p.ins) packed[to + place(o)] = o < p.outs ? value : 0.0;
    } while (++o < blocks * WIDTH);
}

// Lanes that are off still load where the compiler sees one address for all, so loops check at their end.
void main()
{
    const uint group = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, p.groups - 1);
    const uint tap = group % p.taps, first = group / p.taps * LANES;
    if (group == 0) start();
    if (!DX) pack_forward(tap, first);
    uint k = first;
    if (DX) do pack_dx(tap, k);
    while (++k < min(first + LANES, p.ins));
}
