// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// What winograd4_input has made times the weights of winograd4_weights, point by point, and A^T m A of the products. Lanes are pairs of
// output channels, which are neighbours; a workgroup does a block of tiles and one of channels. All arrays have constant indices, so that
// the products stay in registers and on the stack.
layout(constant_id = 1) const uint IN = 64;  // channels read
layout(constant_id = 2) const uint OUT = 64; // and written
layout(constant_id = 3) const bool BIAS = false;
layout(constant_id = 4) const bool RESIDUAL = false;
layout(constant_id = 5) const bool RELU = false;
layout(constant_id = 6) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block
{
    scalars scratch;
    scalars weights;
    scalars bias;
    scalars residual;
    pairs waste;
    pairs y;
    winograd_push p;
} push;

const uint TILES = WINOGRAD_TILES, WIDTH = 2 * LANES, RUN = WINOGRAD_RUN, POINTS = WINOGRAD_POINTS;

winograd_push p = push.p;
uint64_t y = uint64_t(push.y);
int64_t unused;

#include "lib/winograd_tile.glsl"

vec2 sums[16 * TILES]; // pixels of y: [row][column][tile]

// A^T times a column of points, of which it computes the products: [row of y][tile]
void multiply_column(uint64_t from, uint64_t factor, uint j, out vec2 column[4 * TILES])
{
    [[unroll]] for (uint k = 0; k < 4 * TILES; k++) column[k] = vec2(0.0);
    uint i = 0;
    do {
        const uint64_t a = from + 4 * ((i * 6 + j) * (IN * TILES)), b = factor + 4 * ((i * 6 + j) * (IN * WIDTH));
        float acc[TILES * 2];
        [[unroll]] for (uint t = 0; t < TILES * 2; t++) acc[t] = 0.0;
        uint c = 0;
        do {
            [[unroll]] for (uint u = 0; u < RUN; u++) {
                float w[2];
                [[unroll]] for (uint n = 0; n < 2; n++) w[n] = pick(b + 4 * (c * WIDTH + u * WIDTH + n * LANES));
                [[unroll]] for (uint t = 0; t < TILES; t++) {
                    const float v = scalars(a + 4 * (c * TILES)).v[t * RUN + u];
                    [[unroll]] for (uint n = 0; n < 2; n++) acc[t * 2 + n] = fma(v, w[n], acc[t * 2 + n]);
                }
            }
            c += RUN;
        } while (c < IN);
        const vec4 f = output_column(i);
        [[unroll]] for (uint t = 0; t < TILES; t++)
            [[unroll]] for (uint k = 0; k < 4; k++)
                column[k * TILES + t] = fma(vec2(acc[t * 2], acc[t * 2 + 1]), vec2(f[k]), column[k * TILES + t]);
    } while (++i < 6);
}

void multiply(uint64_t from, uint64_t factor)
{
    uint j = 0;
    do {
        vec2 column[4 * TILES];
        multiply_column(from, factor, j, column);
        const vec4 f = output_column(j);
        [[unroll]] for (uint k = 0; k < 4; k++)
            [[unroll]] for (uint l = 0; l < 4; l++)
                [[unroll]] for (uint t = 0; t < TILES; t++)
                    sums[(k * 4 + l) * TILES + t] = fma(column[k * TILES + t], vec2(f[l]), sums[(k * 4 + l) * TILES + t]);
    } while (++j < 6);
}

// Stores a row of a tile of y; o: its first channel. Pixels that don't exist go to waste.
void finish(int k, uint tile, place t, uint o)
{
    const int h = t.h + k, line = (t.n * int(p.yh) + h) * int(p.yw) + t.w;
    [[unroll]] for (int l = 0; l < 4; l++) {
        const int64_t outside = minus((int(p.yh) - 1 - h) | (int(p.yw) - 1 - t.w - l));
        const int64_t inner = int64_t((line + l) * int(OUT) + int(o)) * 4;
        const uint64_t to = y + uint64_t((inner & ~outside) | (unused & outside));
        vec2 value = sums[(k * 4 + l) * TILES + tile];
        if (RESIDUAL) value += load_pair(uint64_t(push.residual) + uint64_t(inner & ~outside));
        if (ACCUMULATE) value += load_pair(to);
        if (RELU) value = max(value, 0.0);
        pairs(to).v[lane] = pair(value.x, value.y);
    }
}

void main()
{
    const uint blocks = (p.slots + TILES - 1) / TILES;
    const uint number = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, group = min(number, blocks * (OUT / WIDTH) - 1);
    const uint column = group / blocks, block = group % blocks, o = column * WIDTH;
    unused = int64_t(uint64_t(push.waste) + 4 * WIDTH * (group % 64)) - int64_t(y);
    vec2 start = vec2(0.0);
    if (BIAS) start = load_pair(uint64_t(push.bias) + 4 * o);
    [[unroll]] for (uint i = 0; i < 16 * TILES; i++) sums[i] = start;
    multiply(uint64_t(push.scratch) + 4 * (uint64_t(block) * (POINTS * TILES * IN)),
             uint64_t(push.weights) + 4 * (uint64_t(column) * (POINTS * IN * WIDTH)));
    [[unroll]] for (uint i = 0; i < TILES; i++) {
        place t = locate(p.first + block * TILES + i);
        t.h |= minus(int(p.slots - 1 - block * TILES - i) | int(group - number)) & 0x3fffffff; // no pixel of it exists, or is another's
        [[unroll]] for (int k = 0; k < 4; k++) finish(k, i, t, o);
    }
}
