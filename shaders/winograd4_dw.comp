// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// The gradient of 3x3 weights by F(3x3, 4x4): A^T m A for the sums m over tiles of the products of both transformed tensors. Lanes are
// channels of x; a workgroup does two vectors of them and SCALARS channels of dy. All arrays have constant indices, so that the sums stay
// in registers and on the stack.
layout(constant_id = 1) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block
{
    scalars x; // in scratch memory
    scalars dy;
    winograd_dw_push p;
} push;
layout(std430, binding = 2) buffer dw_block { float dw[]; };

const uint SCALARS = WINOGRAD_RUN, WIDTH = 2 * LANES, UNROLL = WINOGRAD_TILES;

winograd_dw_push p = push.p;
float sums[9 * SCALARS * 2]; // [row of dw][column][channel of dy][vector]

// A^T times a column of points: [row of dw][channel of dy][vector]
void multiply_column(uint64_t from, uint64_t factor, uint j, out float column[3 * SCALARS * 2])
{
    [[unroll]] for (uint k = 0; k < 3 * SCALARS * 2; k++) column[k] = 0.0;
    uint i = 0;
    do {
        const uint64_t a = from + 4 * uint64_t((i * 6 + j) * p.tiles * p.ins), b = factor + 4 * uint64_t((i * 6 + j) * p.tiles * p.outs);
        float acc[SCALARS * 2];
        [[unroll]] for (uint s = 0; s < SCALARS * 2; s++) acc[s] = 0.0;
        uint t = 0;
        do {
            [[unroll]] for (uint u = 0; u < UNROLL; u++) {
                float v[2];
                [[unroll]] for (uint n = 0; n < 2; n++) v[n] = pick(a + 4 * (t * WIDTH + u * WIDTH + n * LANES));
                [[unroll]] for (uint s = 0; s < SCALARS; s++) {
                    const float f = scalars(b + 4 * (t * SCALARS)).v[u * SCALARS + s];
                    [[unroll]] for (uint n = 0; n < 2; n++) acc[s * 2 + n] = fma(f, v[n], acc[s * 2 + n]);
                }
            }
            t += UNROLL;
        } while (t < p.tiles);
        const vec3 f = gradient_column(i);
        [[unroll]] for (uint s = 0; s < SCALARS * 2; s++)
            [[unroll]] for (uint k = 0; k < 3; k++) column[k * (SCALARS * 2) + s] = fma(acc[s], f[k], column[k * (SCALARS * 2) + s]);
    } while (++i < 6);
}

void multiply(uint64_t from, uint64_t factor)
{
    [[unroll]] for (uint i = 0; i < 9 * SCALARS * 2; i++) sums[i] = 0.0;
    uint j = 0;
    do {
        float column[3 * SCALARS * 2];
        multiply_column(from, factor, j, column);
        const vec3 f = gradient_column(j);
        [[unroll]] for (uint k = 0; k < 3; k++)
            [[unroll]] for (uint l = 0; l < 3; l++)
                [[unroll]] for (uint s = 0; s < SCALARS * 2; s++) {
                    const uint i = (k * 3 + l) * (SCALARS * 2) + s;
                    sums[i] = fma(column[k * (SCALARS * 2) + s], f[l], sums[i]);
                }
    } while (++j < 6);
}

// The channel at a place in scratch memory.
uint channel_at(uint place)
{
    return place / WIDTH * WIDTH + place % WIDTH / 2 + place % 2 * LANES;
}

void main()
{
    const uint rows = p.outs / SCALARS, columns = p.ins / WIDTH;
    const uint group = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, rows * columns - 1);
    const uint row = group % rows, column = group / rows;
    multiply(uint64_t(push.x) + 4 * uint64_t(column * p.tiles * WIDTH), uint64_t(push.dy) + 4 * uint64_t(row * p.tiles * SCALARS));
    if (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x != group) return; // past the end: stored by another
    [[unroll]] for (uint s = 0; s < SCALARS; s++)
        [[unroll]] for (uint n = 0; n < 2; n++)
            [[unroll]] for (uint tap = 0; tap < 9; tap++) {
                const uint at = (channel_at(row * SCALARS + s) * 9 + tap) * p.ins + channel_at(column * WIDTH + n * LANES + lane);
                const float value = sums[tap * (SCALARS * 2) + s * 2 + n];
                dw[at] = ACCUMULATE ? dw[at] + value : value;
            }
}
