// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// What winograd4_input has made times the weights of winograd4_weights, point by point, and A^T m A of the products. Lanes are output
// channels; a workgroup does a block of tiles and a block of channels. The products stay in private memory, which costs nothing.
layout(constant_id = 1) const uint BLOCK = 2;   // vectors of output channels
layout(constant_id = 2) const uint IN = 64;     // channels read
layout(constant_id = 3) const uint OUT = 64;    // and written
layout(constant_id = 4) const bool BIAS = false;
layout(constant_id = 5) const bool RESIDUAL = false;
layout(constant_id = 6) const bool RELU = false;
layout(constant_id = 7) const bool ACCUMULATE = false;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer memory { float v[]; };
layout(push_constant) uniform push_block
{
    scalars scratch;
    scalars weights;
    scalars bias;
    scalars residual;
    memory waste;
    memory y;
    winograd_push p;
} push;

const uint TILES = WINOGRAD_TILES, WIDTH = LANES * BLOCK, RUN = WINOGRAD_RUN, POINTS = WINOGRAD_POINTS;

winograd_push p = push.p;
uint64_t y = uint64_t(push.y);
int64_t unused;
float m[POINTS * TILES * BLOCK]; // [point][tile][vector]
float half_way[24];

#include "lib/winograd_tile.glsl"

// Products of all points of the tiles in scratch with the weights of one block of channels.
void multiply(uint64_t a, uint64_t b)
{
    uint point = 0;
    do {
        float acc[TILES * BLOCK];
        [[unroll]] for (uint i = 0; i < TILES * BLOCK; i++) acc[i] = 0.0;
        const uint64_t from = a + 4 * (point * IN * TILES), factor = b + 4 * (point * IN * WIDTH);
        uint c = 0;
        do {
            [[unroll]] for (uint u = 0; u < RUN; u++) {
                float w[BLOCK];
                [[unroll]] for (uint n = 0; n < BLOCK; n++) w[n] = pick(factor + 4 * (c * WIDTH + u * WIDTH + n * LANES));
                [[unroll]] for (uint i = 0; i < TILES; i++) {
                    const float v = scalars(from + 4 * (c * TILES)).v[i * RUN + u];
                    [[unroll]] for (uint n = 0; n < BLOCK; n++) acc[i * BLOCK + n] = fma(v, w[n], acc[i * BLOCK + n]);
                }
            }
            c += RUN;
        } while (c < IN);
        [[unroll]] for (uint i = 0; i < TILES * BLOCK; i++) m[point * (TILES * BLOCK) + i] = acc[i];
    } while (++point < POINTS);
}

// Transforms vector `i` of `m` back and stores it; o: its first channel. Pixels that don't exist go to waste.
void finish(uint i, place t, uint o)
{
    int j = 0;
    do {
        float r[4], s[6];
        [[unroll]] for (int k = 0; k < 6; k++) s[k] = m[(k * 6 + j) * (TILES * BLOCK) + i];
        output_1d(s[0], s[1], s[2], s[3], s[4], s[5], r);
        [[unroll]] for (int k = 0; k < 4; k++) half_way[k * 6 + j] = r[k];
    } while (++j < 6);
    float start = 0.0;
    if (BIAS) start = pick(uint64_t(push.bias) + 4 * o);
    int k = 0;
    do {
        float r[4];
        output_1d(half_way[k * 6], half_way[k * 6 + 1], half_way[k * 6 + 2], half_way[k * 6 + 3], half_way[k * 6 + 4],
                  half_way[k * 6 + 5], r);
        const int h = t.h + k, line = (t.n * int(p.yh) + h) * int(p.yw) + t.w;
        [[unroll]] for (int l = 0; l < 4; l++) {
            const int64_t outside = minus((int(p.yh) - 1 - h) | (int(p.yw) - 1 - t.w - l));
            const int64_t inner = int64_t((line + l) * int(OUT) + int(o)) * 4;
            const uint64_t to = y + uint64_t((inner & ~outside) | (unused & outside));
            float value = r[l] + start;
            if (RESIDUAL) value += pick(uint64_t(push.residual) + uint64_t(inner & ~outside));
            if (ACCUMULATE) value += pick(to);
            if (RELU) value = max(value, 0.0);
            memory(to).v[lane] = value;
        }
    } while (++k < 4);
}

void main()
{
    const uint blocks = (p.slots + TILES - 1) / TILES;
    const uint group = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, blocks * (OUT / WIDTH) - 1);
    const uint block = group / blocks, slot = group % blocks * TILES;
    unused = int64_t(uint64_t(push.waste) + 4 * WIDTH * (group % 64)) - int64_t(y);
    multiply(uint64_t(push.scratch) + 4 * (uint64_t(slot) * (POINTS * IN)),
             uint64_t(push.weights) + 4 * (uint64_t(block) * (POINTS * IN * WIDTH)));
    uint k = 0;
    do {
        place t = locate(p.first + slot + k / BLOCK);
        t.h |= minus(int(p.slots - 1 - slot - k / BLOCK)) & 0x3fffffff; // no pixel of it exists
        finish(k, t, block * WIDTH + k % BLOCK * LANES);
    } while (++k < TILES * BLOCK);
}
