// SPDX-License-Identifier: MIT
// The matrix product behind the convolutions of GPUs. A workgroup computes a tile of BM rows and BN columns, each invocation TM x TN
// of it in registers. The sum is cut into slices of BK steps: of each, the factors of all rows (A) and all columns (B) lie in shared
// memory, [k][row or column], while those of the next slice are on their way from memory in registers (next[]).
//
// An invocation moves blocks of 4 x 4 factors with loads of 4. Where memory is contiguous along the sum (A_ALONG_K, B_ALONG_K 1) the
// loads go along it and the block is transposed in registers, so that shared memory and the product are always the same.
//
// The body defines, for the block of this invocation in round r:
//   bool start_tile()                     which tile; false: none
//   void start_a(r, m, k), start_b(r, n, k)   the block begins at row m or column n of the tile, k in each slice
//   bool first_slice(), next_slice()      goes there, the same way in all invocations; false: the sum is complete
//   void fetch_a(r), fetch_b(r)           fills next[4 * r ..] from addresses that exist, and kept[r]
//   void arrive_a(r), arrive_b(r)         changes what has come in next[4 * r ..], before it goes to shared memory
//   uint out_row(m), store_vector(at, m, n, v)   index of row m's column 0 in the output, or NOWHERE; writes columns n .. n + 3
// and the constants A_ALONG_K, B_ALONG_K, A_WHOLE, B_WHOLE, B_MASKED (see fetched).
//
// What lies in shared memory may have another type than the arithmetic: SHARED4.
#define VEC 1
#include "conv2d_tile.glsl"

layout(constant_id = 6) const uint BM = 64;
layout(constant_id = 7) const uint BN = 64;
layout(constant_id = 8) const uint BK = 16;
layout(constant_id = 9) const uint PAD = 1;    // vectors behind each k in shared memory, against bank conflicts
layout(constant_id = 10) const uint UNROLL = 4; // steps of the sum; divides BK
layout(constant_id = 11) const bool OUT_VEC = false; // rows of the output begin at multiples of 4, and have a multiple of 4 columns

#define SHARED4 vec4
#define NOWHERE 0xffffffffu

const uint INVOCATIONS = BM / TM * (BN / TN);
const uint A_BLOCKS = BM * BK / 16, BLOCKS = A_BLOCKS + BN * BK / 16, ROUNDS = (BLOCKS + INVOCATIONS - 1) / INVOCATIONS;
const uint A_STRIDE = BM / 4 + PAD, B_STRIDE = BN / 4 + PAD; // vectors from k to k + 1
const uint GM = TM / 4, GN = TN / 4;                         // vectors per invocation
const uint LANES_N = BN / TN < 8 ? BN / TN : 8;              // neighbouring invocations along n

shared SHARED4 tile_a[BK * A_STRIDE], tile_b[BK * B_STRIDE];

uint m0, n0, columns;    // first row and column of the tile; columns of the whole product
uint mine_m, mine_n;     // vectors of this invocation: those at distances BM / TM and BN / TN from here
vec4 next[4 * ROUNDS];
uint kept[ROUNDS];       // bit 4 * i + j: element j of vector i counts; else it is zero
vec4 acc[TM * GN];

#include "gemm_blocks.glsl"

void put_a(uint r)
{
    const uvec2 at = place_a(r);
    [[unroll]] for (uint i = 0; i < 4; i++)
        tile_a[(at.y + i) * A_STRIDE + at.x / 4] = SHARED4(fetched(r, i, A_ALONG_K != 0, true, A_WHOLE));
}

void put_b(uint r)
{
    const uvec2 at = place_b(r);
    [[unroll]] for (uint i = 0; i < 4; i++)
        tile_b[(at.y + i) * B_STRIDE + at.x / 4] = SHARED4(fetched(r, i, B_ALONG_K != 0, B_MASKED != 0, B_WHOLE));
}

void put()
{
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        arrive(r);
        if (is_a(r)) put_a(r);
        else if (has_block(r)) put_b(r);
    }
}

void multiply_step(uint k)
{
    vec4 b[GN];
    [[unroll]] for (uint n = 0; n < GN; n++) b[n] = vec4(tile_b[k * B_STRIDE + n * (BN / TN) + mine_n]);
    [[unroll]] for (uint g = 0; g < GM; g++) {
        const vec4 a = vec4(tile_a[k * A_STRIDE + g * (BM / TM) + mine_m]);
        [[unroll]] for (uint i = 0; i < 4; i++)
            [[unroll]] for (uint n = 0; n < GN; n++) acc[(4 * g + i) * GN + n] = fma(vec4(a[i]), b[n], acc[(4 * g + i) * GN + n]);
    }
}

void multiply()
{
    for (uint k = 0; k < BK; k += UNROLL)
        [[unroll]] for (uint i = 0; i < UNROLL; i++) multiply_step(k + i);
}

void store()
{
    [[unroll]] for (uint m = 0; m < TM; m++) {
        const uint row = m0 + m / 4 * (4 * BM / TM) + 4 * mine_m + m % 4, at = out_row(row);
        if (at == NOWHERE) continue;
        [[unroll]] for (uint n = 0; n < GN; n++) {
            const uint column = n0 + 4 * (n * (BN / TN) + mine_n);
            store_vector(at + column, row, column, acc[m * GN + n]);
        }
    }
}

void main()
{
    if (!start_tile()) return;
    // Invocations go along n in strips of at most 8, so that those of a subgroup share rows as well as columns.
    const uint me = gl_LocalInvocationID.x;
    mine_n = me % LANES_N + me / (LANES_N * (BM / TM)) * LANES_N;
    mine_m = me / LANES_N % (BM / TM);
    [[unroll]] for (uint i = 0; i < TM * GN; i++) acc[i] = vec4(0.0);
    start_blocks();
    bool more = first_slice();
    if (more) fetch();
    while (more) {
        put();
        barrier();
        more = next_slice();
        if (more) fetch();
        multiply();
        barrier();
    }
    store();
}
