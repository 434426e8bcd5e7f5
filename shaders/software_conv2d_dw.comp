// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "software_conv2d.h"

// Gradient of a convolution's weights, dw[o][tap][c] = sum over pixels q of dy[q][o] * x[q * stride - pad + tap * dilation][c]. Lanes are
// channels of one of the two, `v`; those of the other, `s`, are scalars. A workgroup computes SCALARS x (BLOCK vectors) of one tap in
// registers, over one slice of the rows of y.
layout(constant_id = 1) const uint SCALARS = 8;
layout(constant_id = 2) const uint BLOCK = 2;
layout(constant_id = 3) const uint UNROLL = 4;
layout(constant_id = 4) const uint V_STEP = 64; // elements from pixel to pixel of a row
layout(constant_id = 5) const uint S_STEP = 64;
layout(constant_id = 6) const bool LANES_X = true; // v is x, s is dy
layout(constant_id = 7) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block
{
    vectors v;
    scalars s;
    scalars zeros; // as many as either has channels
    software_dw_push p;
} push;
layout(std430, binding = 3) buffer dw_block { float dw[]; };

const uint WIDTH = LANES * BLOCK;

// Read once: the compiler leaves loads of push constants in loops.
software_dw_push p = push.p;
uint64_t v = uint64_t(push.v), s = uint64_t(push.s), zeros = uint64_t(push.zeros);
int64_t v_zeros = int64_t(zeros - v), s_zeros = int64_t(zeros - s);
float acc[SCALARS * BLOCK];

// Rows or columns first .. first + count - 1 of y, whose tap lies inside x: shift away from stride * first.
struct window {
    int first, count, shift;
};

window window_of(software_dw_axis axis, uint tap)
{
    const int shift = int(tap * axis.dilation) - int(axis.pad), stride = int(axis.stride), grid = int(axis.grid);
    const int first = (positive(-shift) + stride - 1) / stride, end = (positive(int(axis.size) - shift) + stride - 1) / stride;
    return window(first, positive(grid - positive(grid - end) - first), shift);
}

// One pixel of each side.
void add_pixel(uint64_t from_v, uint64_t from_s, uint v_at, uint s_at)
{
    float b[BLOCK];
    [[unroll]] for (uint n = 0; n < BLOCK; n++) b[n] = pick(from_v + 4 * (v_at + LANES * n));
    [[unroll]] for (uint m = 0; m < SCALARS; m++) {
        const float a = scalars(from_s).v[s_at + m];
        [[unroll]] for (uint n = 0; n < BLOCK; n++) acc[m * BLOCK + n] = fma(a, b[n], acc[m * BLOCK + n]);
    }
}

// UNROLL pixels for as long as that many are left of a row of y, whose first pixels are at these addresses; the number of those done.
int add_pixels(uint64_t from_v, uint64_t from_s, int count)
{
    int col = 0;
    if (count >= int(UNROLL)) do {
        const int64_t i = 4 * col;
        [[unroll]] for (uint u = 0; u < UNROLL; u++) add_pixel(from_v + i * V_STEP, from_s + i * S_STEP, u * V_STEP, u * S_STEP);
        col += int(UNROLL);
    } while (col + int(UNROLL) <= count);
    return col;
}

// The rest of them, with zeros instead of those that don't exist.
void add_rest(int64_t from_v, int64_t from_s, int col, int count)
{
    if (col < count) {
        [[unroll]] for (uint u = 0; u < UNROLL; u++) {
            const int64_t i = 4 * (col + int(u)), none = minus(count - 1 - int(u) - col), v_at = i * V_STEP, s_at = i * S_STEP;
            add_pixel(v + uint64_t(from_v + v_at & ~none | v_zeros & none), s + uint64_t(from_s + s_at & ~none | s_zeros & none), 0, 0);
        }
    }
}

// A row of y, whose first pixels are at these elements.
void add_row(int64_t v_at, int64_t s_at, int count)
{
    add_rest(4 * v_at, 4 * s_at, add_pixels(v + uint64_t(4 * v_at), s + uint64_t(4 * s_at), count), count);
}

void store(uint slice, uint tap, uint s_first, uint v_first, uvec2 skip)
{
    [[unroll]] for (uint m = 0; m < SCALARS; m++)
        [[unroll]] for (uint n = 0; n < BLOCK; n++) {
            const uint i = s_first + m, j = v_first + n * LANES + lane;
            const uint o = LANES_X ? i : j, c = LANES_X ? j : i, at = ((slice * p.outs + o) * p.taps + tap) * p.ins + c;
            if (i >= skip.x && j >= skip.y) dw[at] = ACCUMULATE ? dw[at] + acc[m * BLOCK + n] : acc[m * BLOCK + n];
        }
}

uint take(inout uint number, uint radix)
{
    const uint digit = number % radix;
    number /= radix;
    return digit;
}

void main()
{
    const uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, v_count = LANES_X ? p.ins : p.outs,
               s_count = LANES_X ? p.outs : p.ins;
    uint rest = group;
    const uint v_block = take(rest, p.v_blocks), tap = take(rest, p.taps), s_block = take(rest, p.s_blocks), slice = take(rest, p.slices);
    // The last block of channels overlaps the one before; what that one computes, this one doesn't store. Groups past the end repeat others.
    const uint v_first = min(v_block * WIDTH, v_count - WIDTH), s_first = min(s_block * SCALARS, s_count - SCALARS);
    [[unroll]] for (uint i = 0; i < SCALARS * BLOCK; i++) acc[i] = 0.0;

    const window h = window_of(p.h, tap / p.kernel_w), w = window_of(p.w, tap % p.kernel_w);
    const uint rows = p.images * uint(h.count), part = (rows + p.slices - 1) / p.slices;
    const int first = int(slice * part), count = int(part) - positive(int((slice + 1) * part) - int(rows));
    const int lines = h.count + (1 & minus(h.count - 1)); // of an image
    int i = 0;
    do {
        const int row = first + i, n = row / lines, y = h.first + row % lines;
        const int64_t y_at = int64_t((n * int(p.h.grid) + y) * int(p.w.grid) + w.first) * int(p.outs);
        const int x_row = y * int(p.h.stride) + h.shift, x_col = w.first * int(p.w.stride) + w.shift;
        const int64_t x_at = int64_t((n * int(p.h.size) + x_row) * int(p.w.size) + x_col) * int(p.ins);
        const int pixels = w.count & ~minus(count - 1);
        if (LANES_X) add_row(x_at + v_first, y_at + s_first, pixels);
        else add_row(y_at + v_first, x_at + s_first, pixels);
    } while (++i < count);
    const bool whole = rest == 0;
    if (whole) store(slice, tap, s_first, v_first, uvec2(s_block * SCALARS, v_block * WIDTH));
}
