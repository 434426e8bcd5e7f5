// SPDX-License-Identifier: MIT
// Convolution as a matrix product whose rows are pixels: the forward pass (DX 0) and the gradient of the input (DX 1), which
// is also the forward pass of the transposed convolution.
//
//   DX 0   y[q][o] = act(bias[o] + residual[q][o] + sum over taps, c of x[q * stride - pad + tap * dilation][c] * w[o][tap][c])
//   DX 1   x[q][c] = bias[c] + sum over taps, o of y[(q + pad - tap * dilation) / stride][o] * w[o][tap][c]
//
// In DX 1 a tap counts only if the division is exact. So the pixels of x are sorted by their remainder modulo the stride, a
// "phase": all pixels of a phase use the same taps, and neighbours in it read neighbours in y. DX 0 is one phase.
//
// In DX 0, x may be gathered: its first channels are read from a tensor that is smaller by `up`, its last `skip_c` from another.
#include "lib/conv2d_tile.glsl"

OPERAND(0, in_data)
layout(std430, binding = 1) readonly buffer w_block { LANES w_data[]; };
OPERAND(2, extra_data) // bias, residual or skip, as EXTRA says
RESULT(3, out_data)

#include "conv2d_taps.glsl"

uint m0, n0, group, phase_h, phase_w;  // the tile: first pixel in its phase, first channel in its group
int row[TM], col[TM];                  // where tap offset 0 reads, for each pixel
uint image[TM];                        // first input row of the pixel's image
float a[TM * VEC], b[TN * VEC];        // factors of VEC steps of the sum: pixel or channel major
float acc[TM * TN];

void locate_pixels()
{
    [[unroll]] for (uint m = 0; m < TM; m++) {
        uint rest = min(m0 + m, p.n * rows * cols - 1);
        col[m] = int(take(rest, cols));
        row[m] = int(take(rest, rows));
        image[m] = rest * in_h;
#if !DX
        row[m] = row[m] * int(p.sh) - int(p.ph);
        col[m] = col[m] * int(p.sw) - int(p.pw);
#endif
    }
}

// All loads of w stay in the group: channels past its end repeat the last ones and are not stored.
void load_weights(uint tap, uint k)
{
#if DX
    const uint at = (group * in_gc + k) * w_row + tap * w_tap;
    [[unroll]] for (uint i = 0; i < VEC; i++)
        [[unroll]] for (uint n = 0; n < TN; n += VEC) {
            const LANES v = w_data[(at + i * w_row + min(n0 + n, out_gc - VEC)) / VEC];
            [[unroll]] for (uint j = 0; j < VEC; j++) b[(n + j) * VEC + i] = PART(v, j);
        }
#else
    const uint at = group * out_gc * w_row + tap * w_tap + k;
    [[unroll]] for (uint n = 0; n < TN; n++) {
        const LANES v = w_data[(at + min(n0 + n, out_gc - 1) * w_row) / VEC];
        [[unroll]] for (uint i = 0; i < VEC; i++) b[n * VEC + i] = PART(v, i);
    }
#endif
}

void add_tap(uint tap, int dh, int dw)
{
    uint in_at[TM], skip_at[TM];
    bool inside[TM];
    [[unroll]] for (uint m = 0; m < TM; m++) {
        const uint h = uint(row[m] + dh), w = uint(col[m] + dw); // negative wraps to large
        inside[m] = h < in_h && w < in_w;
#if DX
        in_at[m] = inside[m] ? (((image[m] + h) * in_w + w) * in_c + group * in_gc) / VEC : 0;
#else
        const uint up = p.up, near = (image[m] + h) / up * (in_w / up) + w / up;
        in_at[m] = inside[m] ? (near * near_c + group * in_gc) / VEC : 0;
        skip_at[m] = inside[m] ? ((image[m] + h) * in_w + w) * p.skip_c / VEC : 0;
#endif
    }
    for (uint k = 0; k < in_gc; k += VEC) {
        [[unroll]] for (uint m = 0; m < TM; m++) {
            LANES v;
            if (EXTRA == EXTRA_SKIP && k >= near_c) v = extra_data_at(skip_at[m] + (k - near_c) / VEC);
            else v = in_data_at(in_at[m] + k / VEC);
            [[unroll]] for (uint i = 0; i < VEC; i++) a[m * VEC + i] = inside[m] ? PART(v, i) : 0.0;
        }
        load_weights(tap, k);
        [[unroll]] for (uint m = 0; m < TM; m++)
            [[unroll]] for (uint n = 0; n < TN; n++)
                [[unroll]] for (uint i = 0; i < VEC; i++) acc[m * TN + n] = fma(a[m * VEC + i], b[n * VEC + i], acc[m * TN + n]);
    }
}

void clear()
{
    [[unroll]] for (uint n = 0; n < TN; n++) {
        const uint o = group * out_gc + min(n0 + n, out_gc - 1);
        float start = 0.0;
        if (EXTRA == EXTRA_BIAS) start = PART(extra_data_at(o / VEC), o % VEC);
        [[unroll]] for (uint m = 0; m < TM; m++) acc[m * TN + n] = start;
    }
}

void store()
{
    [[unroll]] for (uint m = 0; m < TM; m++) {
        uint rest = m0 + m;
        const uint w = take(rest, cols) * phases_w + phase_w, h = take(rest, rows) * phases_h + phase_h;
        const bool exists = rest < p.n && h < out_h && w < out_w;
        const uint at = ((rest * out_h + h) * out_w + w) * out_c + group * out_gc + n0;
        [[unroll]] for (uint n = 0; n < TN; n += VEC) {
            if (exists && n0 + n < out_gc) {
                LANES v = PACK(acc, m * TN + n);
                if (EXTRA == EXTRA_RESIDUAL) v += extra_data_at((at + n) / VEC);
                if (RELU) v = mix(v, LANES(0.0), NEGATIVE(v));
                if (ACCUMULATE) v += out_data_at((at + n) / VEC);
                out_data_put((at + n) / VEC, v);
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
    group = take(tile, p.groups);
    phase_w = take(tile, phases_w);
    phase_h = tile;
    locate_pixels();
    clear();

    const uvec2 th = phase_taps(phase_h, p.kh, p.sh, p.ph, p.dh), tw = phase_taps(phase_w, p.kw, p.sw, p.pw, p.dw);
    for (uint kh = th.x; kh < p.kh; kh += th.y) {
        const int dh = tap_offset(kh, phase_h, p.sh, p.ph, p.dh);
        for (uint kw = tw.x; kw < p.kw; kw += tw.y) add_tap(kh * p.kw + kw, dh, tap_offset(kw, phase_w, p.sw, p.pw, p.dw));
    }
    store();
}
