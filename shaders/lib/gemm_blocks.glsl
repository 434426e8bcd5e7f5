// SPDX-License-Identifier: MIT
// How the matrix products of GPUs (gemm.glsl, gemm_matrix.glsl) bring their factors from memory: blocks of 4 x 4, shared out among
// the invocations, on their way in registers. Both define BM, BN, BK, INVOCATIONS, BLOCKS, A_BLOCKS, ROUNDS, SHARED4 and next[], kept[].
bool start_tile();
void start_a(uint r, uint m, uint k);
void start_b(uint r, uint n, uint k);
bool first_slice();
bool next_slice();
void fetch_a(uint r);
void fetch_b(uint r);
void arrive_a(uint r);
void arrive_b(uint r);
uint out_row(uint m);
void store_vector(uint at, uint m, uint n, vec4 v);

uint block_of(uint r) { return r * INVOCATIONS + gl_LocalInvocationID.x; }
bool has_block(uint r) { return (r + 1) * INVOCATIONS <= BLOCKS || block_of(r) < BLOCKS; }
bool is_a(uint r) { return (r + 1) * INVOCATIONS <= A_BLOCKS || (r * INVOCATIONS < A_BLOCKS && block_of(r) < A_BLOCKS); }

// Row or column, and k, of block number `i` of a tile of `side`. Neighbours load neighbouring memory.
uvec2 block_place(uint i, uint side, bool along_k)
{
    return 4 * (along_k ? uvec2(i / (BK / 4), i % (BK / 4)) : uvec2(i % (side / 4), i / (side / 4)));
}
uvec2 place_a(uint r) { return block_place(block_of(r), BM, A_ALONG_K != 0); }
uvec2 place_b(uint r) { return block_place(block_of(r) - A_BLOCKS, BN, B_ALONG_K != 0); }

void start_blocks()
{
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        const uvec2 a = place_a(r), b = place_b(r);
        if (is_a(r)) start_a(r, a.x, a.y);
        else if (has_block(r)) start_b(r, b.x, b.y);
    }
}

void fetch()
{
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        if (is_a(r)) fetch_a(r);
        else if (has_block(r)) fetch_b(r);
    }
}

void arrive(uint r)
{
    if (is_a(r)) arrive_a(r);
    else if (has_block(r)) arrive_b(r);
}

// Vector i of a fetched block, as it goes to shared memory. `whole`: the elements of a loaded vector are kept or not together.
SHARED4 fetched(uint r, uint i, bool transposed, bool masked, bool whole)
{
    vec4 v;
    [[unroll]] for (uint j = 0; j < 4; j++) {
        const uint from = transposed ? j : i, part = transposed ? i : j, bit = 4 * from + (whole ? 0 : part);
        v[j] = next[4 * r + from][part];
        if (masked) v[j] = (kept[r] & 1u << bit) != 0 ? v[j] : 0.0;
    }
    return SHARED4(v);
}
