// SPDX-License-Identifier: MIT
// The convolutions of conv2d_pixels.glsl on GPUs: rows are pixels, columns output channels, and the sum runs over taps and input
// channels. Where the input channels of a group are a multiple of BK a slice lies within one tap; else CHANNELS tells their number
// to the compiler, and each vector, or each element where 4 don't divide them, finds its own tap. The same goes for each of the two
// tensors that a gathered x consists of.
#define A_ALONG_K 1
#define B_ALONG_K (1 - DX)
#define A_WHOLE (CHANNELS % 4 == 0)
#define B_WHOLE true
#define B_MASKED 0
layout(constant_id = 12) const uint KH = 1;
layout(constant_id = 13) const uint KW = 1;
layout(constant_id = 14) const uint SH = 1;
layout(constant_id = 15) const uint SW = 1;
layout(constant_id = 16) const uint CHANNELS = 0;
layout(constant_id = 17) const uint UP = 0; // of a gathered x, how much larger it is than in_data; 0: x is not gathered
layout(constant_id = 18) const bool BIAS = false;
layout(constant_id = 19) const bool RESIDUAL = false;
layout(constant_id = 20) const uint PROLOGUE = 0; // of x: 1: batch norm, 2: and ReLU
#ifdef MATRIX
#include "gemm_matrix.glsl"
#else
#include "gemm.glsl"
#endif

// Tensors are read and written in vectors where those of 4 channels divide them, which alone may have elements of 16 bits.
layout(std430, binding = 0) readonly buffer in_block { float in_data[]; };
STORED_VECTORS(0, readonly, in_data4)
layout(std430, binding = 1) readonly buffer w_block { float w_data[]; };
layout(std430, binding = 1) readonly buffer w4_block { vec4 w_data4[]; };
layout(std430, binding = 2) readonly buffer bias_block { float bias_data[]; };
layout(std430, binding = 3) buffer out_block { float out_data[]; };
STORED_VECTOR_RESULTS(3, out_data4)
layout(std430, binding = 4) readonly buffer residual_block { float residual_data[]; }; // of the shape of the output
STORED_VECTORS(4, readonly, residual_data4)
layout(std430, binding = 5) readonly buffer skip_block { float skip_data[]; }; // the last channels of a gathered x
STORED_VECTORS(5, readonly, skip_data4)

#include "conv2d_taps.glsl"
#include "gemm_store.glsl"
#define SAVED_BINDING 6
#include "gemm_prologue.glsl"

const bool IN_VEC = CHANNELS % 4 == 0;

uint group, phase_h, phase_w;
uvec2 taps_h, taps_w;       // of the phase: first, step
uint count_w, depth;        // taps of the phase along w; steps of the sum
uint step0;                 // first step of the slice
uint tap_h, tap_w, channel; // of step0, where a slice lies in one tap
uint tap_at;                // from a pixel's place to where the tap reads
int row[4 * ROUNDS], col[4 * ROUNDS]; // of A: where tap offset 0 reads, for each pixel
uint base[4 * ROUNDS];                // of A: that place in in_data, or the image's first row; of B: a place in w_data
uint source[4 * ROUNDS];              // of A, where x is gathered: the place of the tap's channel 0, in one of the two tensors
uint first_k[ROUNDS];                 // of the block in each slice

bool start_tile()
{
    uint tile = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (tile >= p.tiles) return false;
    const uvec2 place = take_tile(tile);
    m0 = place.x * BM;
    n0 = place.y * BN;
    columns = out_gc;
    group = take(tile, p.groups);
    phase_w = take(tile, phases_w);
    phase_h = tile;
    taps_h = phase_taps(phase_h, KH, SH, p.ph, p.dh);
    taps_w = phase_taps(phase_w, KW, SW, p.pw, p.dw);
    const uint count_h = taps_h.x < KH ? (KH - taps_h.x + taps_h.y - 1) / taps_h.y : 0;
    count_w = taps_w.x < KW ? (KW - taps_w.x + taps_w.y - 1) / taps_w.y : 0;
    if (DX == 0 || SW == 1) count_w = KW;
    depth = count_h * count_w * in_gc;
    return true;
}

void start_a(uint r, uint m, uint k)
{
    first_k[r] = k;
    [[unroll]] for (uint i = 0; i < 4; i++) {
        uint rest = min(m0 + m + i, p.n * rows * cols - 1);
        int w = int(take(rest, cols)), h = int(take(rest, rows));
#if !DX
        h = h * int(SH) - int(p.ph);
        w = w * int(SW) - int(p.pw);
#endif
        row[4 * r + i] = h;
        col[4 * r + i] = w;
        base[4 * r + i] = UP != 0 ? rest * in_h : uint((int(rest * in_h) + h) * int(in_w) + w) * in_c + group * in_gc;
    }
}

// Columns past the last repeat it; they are not stored.
void start_b(uint r, uint n, uint k)
{
    first_k[r] = k;
    [[unroll]] for (uint i = 0; i < 4; i++) {
#if DX
        base[4 * r + i] = group * in_gc * w_row + (OUT_VEC ? min(n0 + n, out_gc - 4) + i : min(n0 + n + i, out_gc - 1));
#else
        base[4 * r + i] = (group * out_gc + min(n0 + n + i, out_gc - 1)) * w_row;
#endif
    }
}

// --- slices within one tap --------------------------------------------------------------------------------------------

int offset_h(uint tap) { return tap_offset(tap, phase_h, SH, p.ph, p.dh); }
int offset_w(uint tap) { return tap_offset(tap, phase_w, SW, p.pw, p.dw); }
uint place_of(int dh, int dw) { return uint(dh * int(in_w) + dw) * in_c; }
bool is_inside(uint i, int dh, int dw) { return uint(row[i] + dh) < in_h && uint(col[i] + dw) < in_w; } // negative wraps to large

// A gathered x: where pixel i reads channel 0 of it, counted in the tensor that has the channel.
uint source_of(uint i, int dh, int dw, bool skip)
{
    const uint h = base[i] + uint(row[i] + dh), w = uint(col[i] + dw), up = max(UP, 1);
    return skip ? (h * in_w + w) * p.skip_c - near_c : (h / up * (in_w / up) + w / up) * near_c;
}

void enter_source(int dh, int dw)
{
    if (UP == 0) return;
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        if (!is_a(r)) continue;
        [[unroll]] for (uint i = 0; i < 4; i++) source[4 * r + i] = source_of(4 * r + i, dh, dw, channel >= near_c);
    }
}

void enter_tap()
{
    const int dh = offset_h(tap_h), dw = offset_w(tap_w);
    tap_at = place_of(dh, dw);
    enter_source(dh, dw);
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        if (!is_a(r)) continue;
        kept[r] = 0;
        [[unroll]] for (uint i = 0; i < 4; i++) kept[r] |= is_inside(4 * r + i, dh, dw) ? 15u << 4 * i : 0;
    }
}

bool first_slice()
{
    step0 = 0;
    tap_h = taps_h.x;
    tap_w = taps_w.x;
    channel = 0;
    if (depth > 0 && CHANNELS == 0) enter_tap();
    return depth > 0;
}

bool next_slice()
{
    step0 += BK;
    if (step0 >= depth) return false;
    if (CHANNELS != 0) return true;
    channel += BK;
    if (UP != 0 && channel == near_c && channel < in_gc) enter_source(offset_h(tap_h), offset_w(tap_w));
    if (channel < in_gc) return true;
    channel = 0;
    tap_w += taps_w.y;
    if (tap_w >= KW) {
        tap_w = taps_w.x;
        tap_h += taps_h.y;
    }
    enter_tap();
    return true;
}

// --- slices across taps -----------------------------------------------------------------------------------------------

// Tap and channel of a step.
uvec3 find_step(uint k)
{
    const uint of_channels = max(CHANNELS, 1), tap = k / of_channels;
    const uint per_row = DX == 0 || SW == 1 ? KW : count_w;
    return uvec3(taps_h.x + tap / per_row * taps_h.y, taps_w.x + tap % per_row * taps_w.y, k % of_channels);
}

// Where pixel i reads in step k; sets its bit.
uint find_pixel(uint i, uvec3 at, bool exists, inout uint bits, uint bit)
{
    const int dh = offset_h(at.x), dw = offset_w(at.y);
    const bool inside = exists && is_inside(i, dh, dw);
    bits |= inside ? bit : 0;
    if (!inside) return 0;
    return (UP != 0 ? source_of(i, dh, dw, at.z >= near_c) : base[i] + place_of(dh, dw)) + at.z;
}

vec4 input_vector(uint at, uint c)
{
    if (UP != 0 && c >= near_c) return skip_data4_at(at / 4);
    return in_data4_at(at / 4);
}

float input_element(uint at, uint c)
{
    if (UP != 0 && c >= near_c) return skip_data[at];
    return in_data[at];
}

void fetch_vectors(uint r)
{
    const uint k = step0 + first_k[r];
    const uvec3 at = find_step(k);
    kept[r] = 0;
    [[unroll]] for (uint i = 0; i < 4; i++)
        next[4 * r + i] = input_vector(find_pixel(4 * r + i, at, k < depth, kept[r], 15u << 4 * i), at.z);
}

void fetch_elements(uint r)
{
    kept[r] = 0;
    [[unroll]] for (uint j = 0; j < 4; j++) {
        const uint k = step0 + first_k[r] + j;
        const uvec3 at = find_step(k);
        [[unroll]] for (uint i = 0; i < 4; i++)
            next[4 * r + i][j] = input_element(find_pixel(4 * r + i, at, k < depth, kept[r], 1u << (4 * i + j)), at.z);
    }
}

// --- loads ------------------------------------------------------------------------------------------------------------

void fetch_a(uint r)
{
    if (CHANNELS != 0) {
        if (IN_VEC) fetch_vectors(r);
        else fetch_elements(r);
        return;
    }
    [[unroll]] for (uint i = 0; i < 4; i++) {
        const bool inside = (kept[r] >> 4 * i & 1) != 0;
        const uint at = (UP != 0 ? source[4 * r + i] : base[4 * r + i] + tap_at) + channel + first_k[r];
        next[4 * r + i] = input_vector(inside ? at : 0, channel);
    }
}

// Vectors are channels of a pixel. A gathered x has whole vectors of them.
void arrive_a(uint r)
{
    if (PROLOGUE == 0) return;
    const uint k = step0 + first_k[r], c = CHANNELS == 0 ? channel + first_k[r] : find_step(k).z;
    norm by;
    if (UP != 0 && c >= near_c) return; // of the skip
    if (IN_VEC) by = norm_of_vector(group * in_gc + c);
    else [[unroll]] for (uint j = 0; j < 4; j++) set_norm(by, j, group * in_gc + find_step(k + j).z);
    normalise_block(r, by);
}

void arrive_b(uint r) {}

// Steps past the end repeat the last one; their pixels count as zero.
#if DX
void fetch_b(uint r)
{
    [[unroll]] for (uint i = 0; i < 4; i++) {
        uvec3 at = uvec3(tap_h, tap_w, channel + first_k[r] + i);
        if (CHANNELS != 0) at = find_step(min(step0 + first_k[r] + i, depth - 1));
        const uint from = at.z * w_row + (at.x * KW + at.y) * w_tap;
        if (OUT_VEC) next[4 * r + i] = w_data4[(base[4 * r] + from) / 4];
        else [[unroll]] for (uint j = 0; j < 4; j++) next[4 * r + i][j] = w_data[base[4 * r + j] + from];
    }
}
#else
void fetch_b(uint r)
{
    const uint k = step0 + first_k[r];
    [[unroll]] for (uint i = 0; i < 4; i++) {
        if (IN_VEC) next[4 * r + i] = w_data4[(base[4 * r + i] + min(k, depth - 4)) / 4];
        else [[unroll]] for (uint j = 0; j < 4; j++) next[4 * r + i][j] = w_data[base[4 * r + i] + min(k + j, depth - 1)];
    }
}
#endif

// --- results ----------------------------------------------------------------------------------------------------------

uint out_row(uint m)
{
    uint rest = m;
    const uint w = take(rest, cols) * phases_w + phase_w, h = take(rest, rows) * phases_h + phase_h;
    return rest < p.n && h < out_h && w < out_w ? ((rest * out_h + h) * out_w + w) * out_c + group * out_gc : NOWHERE;
}

// Residuals of four results from place `at` on.
vec4 residual_at(uint at, uint n)
{
    if (OUT_VEC) return residual_data4_at(at / 4);
    vec4 v = vec4(0.0);
    [[unroll]] for (uint i = 0; i < 4; i++)
        if (n + i < columns) v[i] = residual_data[at + i];
    return v;
}

vec4 finish(uint at, uint n, vec4 v)
{
    if (BIAS) [[unroll]] for (uint i = 0; i < 4; i++) v[i] += bias_data[group * out_gc + min(n + i, out_gc - 1)];
    if (RESIDUAL) v += residual_at(at, n);
    return RELU ? mix(v, vec4(0.0), lessThan(v, vec4(0.0))) : v; // NaN stays
}
