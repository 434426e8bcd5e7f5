// SPDX-License-Identifier: MIT
// Gradient of a convolution's weights as a matrix product whose sum runs over the pixels of y:
//
//   dw[o][tap][c] = sum over pixels q of dy[q][o] * x[q * stride - pad + tap * dilation][c]
//
// One invocation computes TM output channels x TN input channels of one tap, over one of `splits` parts of the rows of dy, and
// writes them to that part's slice of the result; slice_sum adds the slices.
#include "lib/conv2d_tile.glsl"

OPERAND(0, x_data)
OPERAND(1, dy_data)
OPERAND(2, skip_data) // the last channels of x, if EXTRA says so
layout(std430, binding = 3) buffer dw_block { LANES dw_data[]; };

uint near_c = p.xc - p.skip_c; // channels in x_data, which is smaller by `up`; up and skip_c are for one group only
uint x_gc = p.xc / p.groups, y_gc = p.yc / p.groups; // channels of a group

uint m0, n0, tap, group, split; // the tile
float acc[TM * TN];

// Columns first .. end-1 of y for which column `col * stride + shift` of x exists: the inner loop checks nothing.
uvec2 columns(int shift)
{
    const int last = int(p.xw) - 1 - shift;
    const uint first = shift < 0 ? (uint(-shift) + p.sw - 1) / p.sw : 0;
    return uvec2(first, last < 0 ? 0 : min(p.yw, uint(last) / p.sw + 1));
}

// Channels past the end of a group repeat the last ones and are not stored.
void add_pixel(uint x_at, uint skip_at, uint dy_at)
{
    float a[TM], b[TN];
    [[unroll]] for (uint m = 0; m < TM; m += VEC) {
        const LANES v = dy_data_at((dy_at + min(m0 + m, y_gc - VEC)) / VEC);
        [[unroll]] for (uint i = 0; i < VEC; i++) a[m + i] = PART(v, i);
    }
    [[unroll]] for (uint n = 0; n < TN; n += VEC) {
        const uint c = min(n0 + n, x_gc - VEC);
        LANES v;
        if (EXTRA == EXTRA_SKIP && c >= near_c) v = skip_data_at((skip_at + c - near_c) / VEC);
        else v = x_data_at((x_at + c) / VEC);
        [[unroll]] for (uint i = 0; i < VEC; i++) b[n + i] = PART(v, i);
    }
    [[unroll]] for (uint m = 0; m < TM; m++)
        [[unroll]] for (uint n = 0; n < TN; n++) acc[m * TN + n] = fma(a[m], b[n], acc[m * TN + n]);
}

void store()
{
    [[unroll]] for (uint m = 0; m < TM; m++) {
        if (m0 + m < y_gc) {
            const uint at = ((split * p.yc + group * y_gc + m0 + m) * p.kh * p.kw + tap) * x_gc + n0;
            [[unroll]] for (uint n = 0; n < TN; n += VEC) {
                if (n0 + n < x_gc) {
                    LANES v = PACK(acc, m * TN + n);
                    if (ACCUMULATE) v += dw_data[(at + n) / VEC];
                    dw_data[(at + n) / VEC] = v;
                }
            }
        }
    }
}

void main()
{
    uint tile = tile_index();
    if (tile >= p.tiles) return;
    const uvec2 place = take_tile(tile);
    m0 = place.x * TM;
    n0 = place.y * TN;
    tap = take(tile, p.kh * p.kw);
    group = take(tile, p.groups);
    split = tile;
    [[unroll]] for (uint i = 0; i < TM * TN; i++) acc[i] = 0.0;

    const int shift_h = int(tap / p.kw * p.dh) - int(p.ph), shift_w = int(tap % p.kw * p.dw) - int(p.pw);
    const uvec2 range = columns(shift_w);
    const uint lines = p.n * p.yh, part = (lines + p.splits - 1) / p.splits;
    const uint last = min((split + 1) * part, lines);
    for (uint line = split * part; line < last; line++) {
        const uint h = uint(int(line % p.yh * p.sh) + shift_h); // negative wraps to large
        const uint end = h < p.xh ? range.y : 0;
        for (uint col = range.x; col < end; col++) {
            const uint w = uint(int(col * p.sw) + shift_w);
            const uint row = (line / p.yh) * p.xh + h, up = p.up;
            add_pixel((row / up * (p.xw / up) + w / up) * near_c + group * x_gc, (row * p.xw + w) * p.skip_c,
                      (line * p.yw + col) * p.yc + group * y_gc);
        }
    }
    store();
}
