// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "software_conv2d.h"

// Convolution whose lanes are output channels: a workgroup computes PIXELS x (BLOCK vectors of channels) in registers, with weights
// that software_conv2d_pack has put into the order in which they are read. Lanes are pairs of channels where BLOCK is 2.
layout(constant_id = 1) const uint PIXELS = 8;
layout(constant_id = 2) const uint BLOCK = 2;
layout(constant_id = 3) const uint UNROLL = 8; // divides IN
layout(constant_id = 4) const uint IN = 64;  // channels read
layout(constant_id = 5) const uint OUT = 64; // channels written
layout(constant_id = 6) const bool ACCUMULATE = false;
layout(constant_id = 7) const bool EMPTY = false; // these pixels have no taps
layout(constant_id = 8) const bool RESIDUAL = false; // whole vectors of channels only
layout(constant_id = 9) const bool RELU = false;
layout(constant_id = 10) const bool PAIRS = false; // two channels are stored as one number
layout(constant_id = 11) const uint STEP = 1;      // pixels of x from one to the next: p.w.step
layout(constant_id = 12) const uint RUN = 64;      // elements of x that neighbour in memory: the channels of a row of taps, or of one tap
layout(constant_id = 13) const uint RUN_UNROLL = 16; // divides RUN
layout(constant_id = 14) const bool TOGETHER = false; // blocks of channels of the same pixels follow each other
layout(push_constant) uniform push_block
{
    scalars x;
    vectors packed;
    vectors residual; // of the shape of y
    software_conv2d_push p;
} push;
layout(std430, binding = 3) buffer y_block { float y[]; };
layout(std430, binding = 3) buffer y_pairs_block { uint64_t y_pairs[]; }; // the same

const uint WIDTH = LANES * BLOCK, NEAR = 4;

// Read once: the compiler leaves loads of push constants in loops.
software_conv2d_push p = push.p;
uint64_t x = uint64_t(push.x), packed = uint64_t(push.packed), residual = uint64_t(push.residual);
float acc[PIXELS * BLOCK];

// A pixel of the grid.
struct place {
    int n, h, w;
};

place locate(uint pixel)
{
    return place(int(pixel / (p.w.grid * p.h.grid)), int(pixel / p.w.grid % p.h.grid), int(pixel % p.w.grid));
}

// The pixel behind it, or itself where that is past the end.
place next(place q, uint behind)
{
    q.w -= minus(int(behind - p.pixels));
    const int line = minus(int(p.w.grid) - 1 - q.w);
    q.w -= line & int(p.w.grid);
    q.h -= line;
    const int image = minus(int(p.h.grid) - 1 - q.h);
    q.h -= image & int(p.h.grid);
    q.n -= image;
    return q;
}

int row_of(place q)
{
    return q.h * int(p.h.step) + int(p.h.base);
}

int col_of(place q)
{
    return q.w * int(p.w.step) + int(p.w.base);
}

// Where tap (dh, dw) of a pixel reads, in elements of x.
int origin_of(place q, int dh, int dw)
{
    return ((q.n * int(p.h.size) + row_of(q) + dh) * int(p.w.size) + col_of(q) + dw) * int(IN);
}

void multiply(uint64_t from[PIXELS], uint64_t w, uint64_t at)
{
    [[unroll]] for (uint u = 0; u < UNROLL; u++) {
        float b[BLOCK];
        [[unroll]] for (uint n = 0; n < BLOCK; n++) b[n] = pick(w + at * WIDTH + 4 * (u * WIDTH + n * LANES));
        [[unroll]] for (uint m = 0; m < PIXELS; m++) {
            const float a = scalars(from[m] + at).v[u];
            [[unroll]] for (uint n = 0; n < BLOCK; n++) acc[m * BLOCK + n] = fma(a, b[n], acc[m * BLOCK + n]);
        }
    }
}

// The channels of tap (dh, dw), with weights at `weights`, for pixels anywhere.
void add_tap(place q, uint first, int dh, int dw, uint64_t weights)
{
    uint64_t from[PIXELS];
    [[unroll]] for (uint m = 0; m < PIXELS; m++) {
        const int h = row_of(q) + dh, w = col_of(q) + dw;
        const int64_t outside = minus(h | (int(p.h.size) - 1 - h) | w | (int(p.w.size) - 1 - w));
        const int64_t inner = int64_t(origin_of(q, dh, dw)) * 4;
        from[m] = x + uint64_t((inner & ~outside) | (int64_t(packed - x) & outside));
        q = next(q, first + m + 1);
    }
    uint k = 0;
    do {
        multiply(from, weights, uint64_t(4 * k));
        k += UNROLL;
    } while (k < IN);
}

// RUN elements of pixels that lie side by side in x. Where these runs overlap, the compiler would keep what it has loaded for one pixel
// until another needs it, on the stack: from pixel to pixel addresses grow by a number that it doesn't know.
void add_run(uint64_t from, uint64_t weights)
{
    const uint64_t step = RUN_UNROLL > STEP * IN ? uint64_t(4 * IN * p.w.step) : uint64_t(4 * IN * STEP);
    uint k = 0;
    do {
        const uint64_t w = weights + 4 * WIDTH * k;
        uint64_t a[NEAR];
        [[unroll]] for (uint m = 0; m < NEAR; m++) a[m] = from + m * step + 4 * k;
        [[unroll]] for (uint u = 0; u < RUN_UNROLL; u++) {
            float b[BLOCK];
            [[unroll]] for (uint n = 0; n < BLOCK; n++) b[n] = pick(w + 4 * (u * WIDTH + n * LANES));
            [[unroll]] for (uint m = 0; m < PIXELS; m++) {
                const float v = scalars(a[m % NEAR]).v[m / NEAR * NEAR * STEP * IN + u];
                [[unroll]] for (uint n = 0; n < BLOCK; n++) acc[m * BLOCK + n] = fma(v, b[n], acc[m * BLOCK + n]);
            }
        }
        k += RUN_UNROLL;
    } while (k < RUN);
}

// Weights of tap (i, j) of these pixels.
uint64_t weights_at(uint64_t part, uint i, uint j)
{
    const uint tap = (p.h.first + i * p.h.stride) * p.kernel_w + p.w.first + j * p.w.stride;
    return part + uint64_t(4 * WIDTH) * (1 + tap * IN);
}

void add_anywhere(place q, uint first, uint64_t part)
{
    uint i = 0;
    do {
        uint j = 0;
        do {
            add_tap(q, first, int(i * p.h.slope), int(j * p.w.slope), weights_at(part, i, j));
        } while (++j < p.w.taps);
    } while (++i < p.h.taps);
}

// Taps above or below the image are left out.
void add_inside(place q, uint64_t part)
{
    const int row = row_of(q), end = int(p.h.taps) - positive(int(p.h.taps) - int(p.h.size) + row);
    const uint runs = RUN == IN ? p.w.taps : 1;
    int i = positive(-row);
    do {
        uint j = 0;
        do add_run(x + 4 * int64_t(origin_of(q, i, int(j * p.w.slope))), weights_at(part, uint(i), j));
        while (++j < runs);
    } while (++i < end);
}

// Negative unless all taps of all pixels, but for those above and below, lie in x as add_inside reads them.
int inside(place q, uint first)
{
    const int row = row_of(q), col = col_of(q), reach = int((PIXELS - 1) * STEP + (p.w.taps - 1) * p.w.slope);
    const int last = col + reach, rows = int(p.h.size) - 1 - row;
    return int(p.pixels - first - PIXELS) | (int(p.w.grid - PIXELS) - q.w) | col | (int(p.w.size) - 1 - last) |
           (row + int(p.h.taps) - 1) | rows | (1 - int(p.h.slope));
}

// Stores pixel m, whose first channel is element `at` of y.
void store(uint m, uint at, uint o, bool exists)
{
    if (PAIRS && BLOCK == 2) {
        if (exists && o + 2 * lane < OUT) {
            const uint to = (at + o) / 2 + lane;
            vec2 value = vec2(acc[m * 2], acc[m * 2 + 1]);
            if (RESIDUAL) value += load_pair(residual + 4 * uint64_t(at + o));
            if (ACCUMULATE) value += uintBitsToFloat(uvec2(uint(y_pairs[to]), uint(y_pairs[to] >> 32)));
            if (RELU) value = max(value, 0.0);
            y_pairs[to] = pair(value.x, value.y);
        }
        return;
    }
    [[unroll]] for (uint n = 0; n < BLOCK; n++) {
        const uint channel = o + lane * BLOCK + n, to = at + channel;
        float value = acc[m * BLOCK + n];
        if (RESIDUAL && BLOCK == 1) value += pick(residual + 4 * uint64_t(at + min(o, OUT - LANES)));
        if (RELU) value = max(value, 0.0);
        if (exists && channel < OUT) y[to] = ACCUMULATE ? y[to] + value : value;
    }
}

void finish(place q, uint first, uint o, bool whole)
{
    const uint step = p.w.out_step * OUT, row = p.w.out_size * OUT, line_step = p.h.out_step * row - p.w.grid * step,
               image_step = (p.h.out_size - p.h.grid * p.h.out_step) * row; // on top of that
    uint at = (q.n * p.h.out_size + q.h * p.h.out_step + p.h.out_first) * row + q.w * step + p.w.out_first * OUT;
    [[unroll]] for (uint m = 0; m < PIXELS; m++) {
        store(m, at, o, whole && first + m < p.pixels);
        const int line = minus(int(p.w.grid) - 2 - q.w), image = minus(int(p.h.grid) - 1 - q.h + line);
        q.w += 1 - (line & int(p.w.grid));
        q.h -= line + (image & int(p.h.grid));
        at += step + (uint(line) & line_step) + (uint(image) & image_step);
    }
}

void main()
{
    // Loops check at their end, and what is past the end is done again: lanes that are off still load, from whatever address.
    const uint tiles = (p.pixels + PIXELS - 1) / PIXELS, blocks = (OUT - 1) / WIDTH + 1, count = tiles * blocks;
    const uint number = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, group = min(number, count - 1);
    const uint block = TOGETHER ? group % blocks : group / tiles, first = (TOGETHER ? group / blocks : group % tiles) * PIXELS;
    const uint64_t part = packed + 4 * p.zeros + uint64_t(block) * (4 * WIDTH * (1 + IN * p.kernel)); // bias, then weights
    [[unroll]] for (uint n = 0; n < BLOCK; n++) {
        const float start = pick(part + 4 * LANES * n);
        [[unroll]] for (uint m = 0; m < PIXELS; m++) acc[m * BLOCK + n] = start;
    }
    place q = locate(first);
    if (!EMPTY) {
        if (inside(q, first) >= 0) add_inside(q, part);
        else add_anywhere(q, first, part);
    }
    finish(q, first, block * WIDTH, group == number);
}
