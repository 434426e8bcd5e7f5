// SPDX-License-Identifier: MIT
// The gradient of a convolution's weights (see conv2d_weights.glsl) on GPUs: rows are output channels, columns are taps and input
// channels, c fastest, and the sum runs over the pixels of y, of which a tile takes one of `splits` parts. Its slice of the result is
// as the weights are stored; slice_sum adds the slices.
#define A_ALONG_K 0
#define B_ALONG_K 0
#define A_WHOLE true
#define B_WHOLE OUT_VEC
#define B_MASKED 1
#ifdef MATRIX
#include "gemm_matrix.glsl"
#else
#include "gemm.glsl"
#endif

layout(constant_id = 12) const bool Y_VEC = false; // the channels of a group are multiples of 4 in y; OUT_VEC: in x
layout(constant_id = 13) const uint UP = 0; // of a gathered x, how much larger it is than x_data; 0: x is not gathered
layout(constant_id = 14) const uint PROLOGUE = 0; // of x: 1: batch norm, 2: and ReLU

// Tensors are read in vectors where those of 4 channels divide them, which alone may have elements of 16 bits.
layout(std430, binding = 0) readonly buffer x_block { float x_data[]; };
STORED_VECTORS(0, readonly, x_data4)
layout(std430, binding = 1) readonly buffer dy_block { float dy_data[]; };
STORED_VECTORS(1, readonly, dy_data4)
layout(std430, binding = 2) buffer out_block { float out_data[]; };
STORED_VECTOR_RESULTS(2, out_data4)
layout(std430, binding = 3) readonly buffer skip_block { float skip_data[]; }; // the last channels of a gathered x
STORED_VECTORS(3, readonly, skip_data4)

#include "gemm_store.glsl"

uint near_c = p.xc - p.skip_c; // channels in x_data
#define SAVED_BINDING 4
#include "gemm_prologue.glsl"

uint x_gc = p.xc / p.groups, y_gc = p.yc / p.groups; // channels of a group

uint group, split, pixel0, last; // first pixel of the slice, and the one past the part
uint first_k[ROUNDS];            // of the block in each slice
// Of A: base[] are places of channels in dy. Of B: taps are shifts in x, base[] places of channels, and the block's first pixel is ...
uint base[4 * ROUNDS];
int shift_h[4 * ROUNDS], shift_w[4 * ROUNDS];
uint image[ROUNDS], row[ROUNDS], col[ROUNDS];

bool start_tile()
{
    uint tile = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (tile >= p.tiles) return false;
    const uvec2 place = take_tile(tile);
    m0 = place.x * BM;
    n0 = place.y * BN;
    columns = p.kh * p.kw * x_gc;
    group = take(tile, p.groups);
    split = tile;
    const uint pixels = p.n * p.yh * p.yw, slices = (pixels + BK - 1) / BK, part = (slices + p.splits - 1) / p.splits * BK;
    pixel0 = min(split * part, pixels);
    last = min(pixel0 + part, pixels);
    return true;
}

// Rows and columns past the last repeat it; they are not stored.
void start_a(uint r, uint m, uint k)
{
    first_k[r] = k;
    [[unroll]] for (uint i = 0; i < 4; i++) base[4 * r + i] = group * y_gc + (Y_VEC ? min(m0 + m, y_gc - 4) : min(m0 + m + i, y_gc - 1));
}

void start_b(uint r, uint n, uint k)
{
    first_k[r] = k;
    [[unroll]] for (uint i = 0; i < 4; i++) {
        uint tap = OUT_VEC ? min(n0 + n, columns - 4) : min(n0 + n + i, columns - 1);
        base[4 * r + i] = group * x_gc + take(tap, x_gc);
        shift_h[4 * r + i] = int(tap / p.kw * p.dh) - int(p.ph);
        shift_w[4 * r + i] = int(tap % p.kw * p.dw) - int(p.pw);
    }
    uint rest = pixel0 + k;
    col[r] = take(rest, p.yw);
    row[r] = take(rest, p.yh);
    image[r] = rest;
}

bool first_slice()
{
    return pixel0 < last;
}

// number / size where number is below size + BK: either the quotient is at most 1 or the size is small, so that rounding, by some
// 1e-7 of the quotient, stays far below the half that is added.
uint small_quotient(uint number, uint size) { return uint((float(number) + 0.5) / float(size)); }

// Pixels past the end of a row go on in the next. Without a loop: compilers would not unroll loops around it.
void carry(inout uint c, inout uint h, inout uint n)
{
    const uint lines = small_quotient(c, p.yw);
    c -= lines * p.yw;
    h += lines;
    const uint images = small_quotient(h, p.yh);
    h -= images * p.yh;
    n += images;
}

void step_right(inout uint c, inout uint h, inout uint n)
{
    c++;
    h += c == p.yw ? 1 : 0;
    c = c == p.yw ? 0 : c;
    n += h == p.yh ? 1 : 0;
    h = h == p.yh ? 0 : h;
}

bool next_slice()
{
    pixel0 += BK;
    if (pixel0 >= last) return false;
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        if (is_a(r)) continue;
        col[r] += BK;
        carry(col[r], row[r], image[r]);
    }
    return true;
}

void fetch_a(uint r)
{
    kept[r] = 0;
    [[unroll]] for (uint i = 0; i < 4; i++) {
        const uint q = pixel0 + first_k[r] + i, at = min(q, last - 1) * p.yc;
        kept[r] |= q < last ? 15u << 4 * i : 0;
        if (Y_VEC) next[4 * r + i] = dy_data4_at((at + base[4 * r]) / 4);
        else [[unroll]] for (uint j = 0; j < 4; j++) next[4 * r + i][j] = dy_data[at + base[4 * r + j]];
    }
}

// Where pixel (n, h, c) of y reads for column j of the block; sets its bits.
uint find_pixel(uint j, uint n, uint h, uint c, bool exists, inout uint bits, uint bit)
{
    const uint x_h = uint(int(h * p.sh) + shift_h[j]), x_w = uint(int(c * p.sw) + shift_w[j]); // negative wraps to large
    const bool inside = exists && x_h < p.xh && x_w < p.xw;
    bits |= inside ? bit : 0;
    if (!inside) return 0;
    const uint line = n * p.xh + x_h, up = max(UP, 1);
    if (UP == 0) return (line * p.xw + x_w) * p.xc + base[j];
    return base[j] >= near_c ? (line * p.xw + x_w) * p.skip_c + base[j] - near_c : (line / up * (p.xw / up) + x_w / up) * near_c + base[j];
}

vec4 input_vector(uint at, uint c)
{
    if (UP != 0 && c >= near_c) return skip_data4_at(at / 4);
    return x_data4_at(at / 4);
}

float input_element(uint at, uint c)
{
    if (UP != 0 && c >= near_c) return skip_data[at];
    return x_data[at];
}

void fetch_b(uint r)
{
    uint c = col[r], h = row[r], n = image[r];
    kept[r] = 0;
    [[unroll]] for (uint i = 0; i < 4; i++) {
        const bool exists = pixel0 + first_k[r] + i < last;
        if (OUT_VEC) next[4 * r + i] = input_vector(find_pixel(4 * r, n, h, c, exists, kept[r], 15u << 4 * i), base[4 * r]);
        else [[unroll]] for (uint j = 0; j < 4; j++)
            next[4 * r + i][j] = input_element(find_pixel(4 * r + j, n, h, c, exists, kept[r], 1u << (4 * i + j)), base[4 * r + j]);
        step_right(c, h, n);
    }
}

void arrive_a(uint r) {}

// Elements of a vector are channels of x, the same for all pixels of the block. A gathered x has whole vectors of them.
void arrive_b(uint r)
{
    norm by;
    if (PROLOGUE == 0 || (UP != 0 && base[4 * r] >= near_c)) return; // of the skip
    if (OUT_VEC) by = norm_of_vector(base[4 * r]);
    else [[unroll]] for (uint j = 0; j < 4; j++) set_norm(by, j, base[4 * r + j]);
    normalise_block(r, by);
}

uint out_row(uint m)
{
    return m < y_gc ? (split * p.yc + group * y_gc + m) * columns : NOWHERE;
}

vec4 finish(uint at, uint n, vec4 v)
{
    return v;
}
