// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "software_conv2d.h"

// Convolution whose lanes are output channels: a workgroup computes PIXELS x (BLOCK vectors of channels) in registers, with weights
// that software_conv2d_pack has put into the order in which they are read.
layout(constant_id = 1) const uint PIXELS = 8;
layout(constant_id = 2) const uint BLOCK = 2;
layout(constant_id = 3) const uint UNROLL = 8; // divides IN
layout(constant_id = 4) const uint IN = 64;  // channels read
layout(constant_id = 5) const uint OUT = 64; // channels written
layout(constant_id = 6) const bool ACCUMULATE = false;
layout(constant_id = 7) const bool EMPTY = false; // these pixels have no taps
layout(constant_id = 8) const bool RESIDUAL = false; // whole vectors of channels only
layout(constant_id = 9) const bool RELU = false;
layout(push_constant) uniform push_block
{
    scalars x;
    vectors packed;
    vectors residual; // of the shape of y
    software_conv2d_push p;
} push;
layout(std430, binding = 3) buffer y_block { float y[]; };

const uint WIDTH = LANES * BLOCK;

// Read once: the compiler leaves loads of push constants in loops.
software_conv2d_push p = push.p;
uint64_t x = uint64_t(push.x), packed = uint64_t(push.packed), residual = uint64_t(push.residual);
int row[PIXELS], col[PIXELS], origin[PIXELS]; // where tap offset 0 reads: that pixel, and its first element of x
uint target[PIXELS];                          // element of y
bool exists[PIXELS];
float acc[PIXELS * BLOCK];

void locate(uint first)
{
    int w = int(first % p.w.grid), h = int(first / p.w.grid % p.h.grid), n = int(first / (p.w.grid * p.h.grid));
    [[unroll]] for (uint m = 0; m < PIXELS; m++) {
        exists[m] = first + m < p.pixels;
        row[m] = h * int(p.h.step) + int(p.h.base);
        col[m] = w * int(p.w.step) + int(p.w.base);
        origin[m] = ((n * int(p.h.size) + row[m]) * int(p.w.size) + col[m]) * int(IN);
        target[m] = uint((n * int(p.h.out_size) + h * int(p.h.out_step) + int(p.h.out_first)) * int(p.w.out_size) + w * int(p.w.out_step) +
                         int(p.w.out_first)) * OUT;
        w -= minus(int(first + m + 1 - p.pixels)); // past the end the last pixel is computed again
        const int line = minus(int(p.w.grid) - 1 - w);
        w -= line & int(p.w.grid);
        h -= line;
        const int image = minus(int(p.h.grid) - 1 - h);
        h -= image & int(p.h.grid);
        n -= image;
    }
}

// All ones unless the taps of a row are one run of memory inside x for all pixels.
int border()
{
    int outside = minus(-int(p.w.slope - 1 | p.w.stride - 1));
    [[unroll]] for (uint m = 0; m < PIXELS; m++) outside |= minus(col[m] | (int(p.w.size - p.w.taps) - col[m]));
    return outside;
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

// `length` channels of the taps from (dh, dw) on, with weights at `weights`.
void add_run(int dh, int dw, uint64_t weights, uint length)
{
    uint64_t from[PIXELS];
    [[unroll]] for (uint m = 0; m < PIXELS; m++) {
        const int h = row[m] + dh, w = col[m] + dw;
        const int64_t outside = minus(h | (int(p.h.size) - 1 - h) | w | (int(p.w.size) - 1 - w));
        const int64_t inner = int64_t(origin[m] + (dh * int(p.w.size) + dw) * int(IN)) * 4;
        from[m] = x + uint64_t((inner & ~outside) | (int64_t(packed - x) & outside));
    }
    uint k = 0;
    do {
        multiply(from, weights, uint64_t(4 * k));
        k += UNROLL;
    } while (k < length);
}

void store(uint first, bool whole)
{
    [[unroll]] for (uint m = 0; m < PIXELS; m++)
        [[unroll]] for (uint n = 0; n < BLOCK; n++) {
            const uint from = target[m] + first + n * LANES, o = first + n * LANES + lane, at = target[m] + o;
            float value = acc[m * BLOCK + n];
            if (RESIDUAL) value += pick(residual + 4 * uint64_t(min(from, target[m] + OUT - LANES)));
            if (RELU) value = max(value, 0.0);
            if (whole && exists[m] && o < OUT) y[at] = ACCUMULATE ? y[at] + value : value;
        }
}

void main()
{
    // Loops check at their end, and what is past the end is done again: lanes that are off still load, from whatever address.
    const uint tiles = (p.pixels + PIXELS - 1) / PIXELS;
    const uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, block = min(group / tiles, (OUT - 1) / WIDTH);
    locate(group % tiles * PIXELS);
    const uint64_t part = packed + 4 * p.zeros + uint64_t(block) * (4 * WIDTH * (1 + IN * p.kernel)); // bias, then weights
    [[unroll]] for (uint n = 0; n < BLOCK; n++) {
        const float start = pick(part + 4 * LANES * n);
        [[unroll]] for (uint m = 0; m < PIXELS; m++) acc[m * BLOCK + n] = start;
    }
    const uint alone = uint(border()), runs = 1 + (p.w.taps - 1 & alone), run = IN * (1 + (p.w.taps - 1 & ~alone));
    uint i = 0;
    if (!EMPTY) do {
        uint j = 0;
        do {
            const uint tap = (p.h.first + i * p.h.stride) * p.kernel_w + p.w.first + j * p.w.stride;
            add_run(int(i * p.h.slope), int(j * p.w.slope), part + uint64_t(4 * WIDTH) * (1 + tap * IN), run);
        } while (++j < runs);
    } while (++i < p.h.taps);
    store(block * WIDTH, group / tiles == block);
}
