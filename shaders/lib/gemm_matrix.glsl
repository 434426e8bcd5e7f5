// SPDX-License-Identifier: MIT
// The matrix product behind the convolutions of GPUs with matrix units: as gemm.glsl, with the same parts to be defined by the body,
// but each subgroup computes TM x TN cooperative matrices, whose factors are rounded to 16 bits on their way into shared memory: to
// halves, or with BF16 to the upper half of a float. Sums are kept in single precision.
//
// Shared memory holds rows and columns with k running fastest, which is how matrix units read both factors: an invocation
// transposes a block of 4 x 4 where memory is not contiguous along k. Results go through shared memory, too, a matrix at a time, so
// that edges are handled by the body and stores are contiguous.
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#ifdef BF16
#extension GL_EXT_bfloat16 : require
#else
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#endif
#define VEC 1
#include "conv2d_tile.glsl"

// TM, TN: matrices per subgroup
layout(constant_id = 6) const uint BM = 64;
layout(constant_id = 7) const uint BN = 64;
layout(constant_id = 8) const uint BK = 32;
layout(constant_id = 9) const uint PAD = 2; // vectors behind each row in shared memory, against bank conflicts
layout(constant_id = 10) const uint UNROLL = 2; // steps of K in the loop over a slice; BK is a multiple of K * UNROLL
layout(constant_id = 11) const bool OUT_VEC = false; // rows of the output begin at multiples of 4, and have a multiple of 4 columns
layout(constant_id = 21) const uint M = 16; // of a matrix: it adds M x K times K x N
layout(constant_id = 22) const uint N = 16;
layout(constant_id = 23) const uint K = 16;
layout(constant_id = 24) const uint SUBGROUP = 32; // invocations

// What matrices are made of.
#ifdef BF16
#define FACTOR bfloat16_t
#define SHARED4 bf16vec4
#else
#define FACTOR float16_t
#define SHARED4 f16vec4
#endif
#define NOWHERE 0xffffffffu

const uint SUBGROUPS_N = BN / (TN * N), SUBGROUPS = BM / (TM * M) * SUBGROUPS_N, INVOCATIONS = SUBGROUPS * SUBGROUP;
const uint A_BLOCKS = BM * BK / 16, BLOCKS = A_BLOCKS + BN * BK / 16, ROUNDS = (BLOCKS + INVOCATIONS - 1) / INVOCATIONS;
const uint STRIDE = BK / 4 + PAD; // vectors from row to row
const uint RESULTS = M * N / 4;   // vectors of a matrix of results

shared SHARED4 tile_a[BM * STRIDE], tile_b[BN * STRIDE];
shared vec4 results[SUBGROUPS * RESULTS];

uint m0, n0, columns;    // first row and column of the tile; columns of the whole product
vec4 next[4 * ROUNDS];   // blocks on their way to shared memory
uint kept[ROUNDS];       // bit 4 * i + j: element j of vector i counts; else it is zero
coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator> acc[TM * TN];

#include "gemm_blocks.glsl"

void put()
{
    [[unroll]] for (uint r = 0; r < ROUNDS; r++) {
        const uvec2 a = place_a(r), b = place_b(r);
        arrive(r);
        if (is_a(r)) {
            [[unroll]] for (uint i = 0; i < 4; i++) tile_a[(a.x + i) * STRIDE + a.y / 4] = fetched(r, i, A_ALONG_K == 0, true, A_WHOLE);
        } else if (has_block(r)) {
            [[unroll]] for (uint i = 0; i < 4; i++)
                tile_b[(b.x + i) * STRIDE + b.y / 4] = fetched(r, i, B_ALONG_K == 0, B_MASKED != 0, B_WHOLE);
        }
    }
}

// First row and column of the subgroup's matrices in the tile.
uvec2 my_place() { return uvec2(gl_SubgroupID / SUBGROUPS_N * (TM * M), gl_SubgroupID % SUBGROUPS_N * (TN * N)); }

// `at`: the vectors where the factors of the subgroup's first row and column begin.
void multiply_step(uvec2 at)
{
    coopmat<FACTOR, gl_ScopeSubgroup, M, K, gl_MatrixUseA> a[TM];
    [[unroll]] for (uint m = 0; m < TM; m++) coopMatLoad(a[m], tile_a, at.x + m * M * STRIDE, STRIDE, gl_CooperativeMatrixLayoutRowMajor);
    [[unroll]] for (uint n = 0; n < TN; n++) {
        coopmat<FACTOR, gl_ScopeSubgroup, K, N, gl_MatrixUseB> b;
        coopMatLoad(b, tile_b, at.y + n * N * STRIDE, STRIDE, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint m = 0; m < TM; m++) acc[m * TN + n] = coopMatMulAdd(a[m], b, acc[m * TN + n]);
    }
}

void multiply()
{
    const uvec2 at = my_place() * STRIDE;
    for (uint k = 0; k < BK; k += K * UNROLL)
        [[unroll]] for (uint i = 0; i < UNROLL; i++) multiply_step(at + (k + i * K) / 4);
}

void synchronize_subgroup()
{
    subgroupMemoryBarrierShared();
    subgroupBarrier();
}

// One matrix of results, which lies in shared memory, from row m and column n of the product on.
void store_matrix(uint m, uint n)
{
    for (uint i = gl_SubgroupInvocationID; i < RESULTS; i += SUBGROUP) {
        const uint row = m + i / (N / 4), column = n + i % (N / 4) * 4, at = out_row(row);
        if (at != NOWHERE) store_vector(at + column, row, column, results[gl_SubgroupID * RESULTS + i]);
    }
}

void store()
{
    const uvec2 at = uvec2(m0, n0) + my_place();
    [[unroll]] for (uint m = 0; m < TM; m++) {
        [[unroll]] for (uint n = 0; n < TN; n++) {
            coopMatStore(acc[m * TN + n], results, gl_SubgroupID * RESULTS, N / 4, gl_CooperativeMatrixLayoutRowMajor);
            synchronize_subgroup();
            store_matrix(at.x + m * M, at.y + n * N);
            synchronize_subgroup();
        }
    }
}

void main()
{
    if (!start_tile()) return;
    [[unroll]] for (uint i = 0; i < TM * TN; i++) acc[i] = coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator>(0.0);
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
