// SPDX-License-Identifier: MIT
// A workgroup as a grid of LANES channels by ROWS rows (pixels). Neighbours in memory are neighbours in the group, and an
// invocation keeps its channel while it walks over rows: no division per element, and what belongs to the channel is read once.
//
// With SOFTWARE the same source becomes a kernel for devices whose subgroup is one SIMD register: one row of so many lanes. A kernel
// names its push struct, its operands and its result by COLUMNS_1 .. COLUMNS_3. It reads operands by READ and what the result
// holds already by READ_BACK, and writes by WRITE, all by the index of lane 0's element.
//
// With HALF it becomes one for operands of 16 bits a piece (lib/stored.glsl): an invocation has two neighbouring channels, as two
// blocks, of which the first is written first.
#include "column_group.h"

#ifdef SOFTWARE
#include "lib/lanes.glsl"
const uint ROWS = 1;
uint row() { return 0; }
#define READ(operand, first) pick(operand##_at + 4 * uint64_t(first))
#define READ_BACK(result, first) READ(result, first)
#define WRITE(result, first, value) result[(first) + lane] = value
// The compiler leaves loads of push constants in loops, so they are read once. The result is read by pointer, too.
#define BEHIND(count, type, y)                                                   \
    type push = push_data;                                                       \
    uint64_t y##_at = uint64_t(y##_pointer);                                     \
    layout(std430, binding = count) writeonly buffer y##_block { float y[]; };
#define COLUMNS_1(type, a, y)                                                                        \
    layout(push_constant) uniform push_block { scalars a##_pointer, y##_pointer; type push_data; }; \
    BEHIND(2, type, y)                                                                               \
    uint64_t a##_at = uint64_t(a##_pointer);
#define COLUMNS_2(type, a, b, y)                                                                                  \
    layout(push_constant) uniform push_block { scalars a##_pointer, b##_pointer, y##_pointer; type push_data; }; \
    BEHIND(3, type, y)                                                                                            \
    uint64_t a##_at = uint64_t(a##_pointer), b##_at = uint64_t(b##_pointer);
#define COLUMNS_3(type, a, b, c, y)                                                                                            \
    layout(push_constant) uniform push_block { scalars a##_pointer, b##_pointer, c##_pointer, y##_pointer; type push_data; }; \
    BEHIND(4, type, y)                                                                                                         \
    uint64_t a##_at = uint64_t(a##_pointer), b##_at = uint64_t(b##_pointer), c##_at = uint64_t(c##_pointer);
#else
layout(local_size_x = COLUMNS_GROUP) in;
layout(constant_id = 0) const uint LANES = 64; // a power of two
const uint ROWS = COLUMNS_GROUP / LANES;
uint row() { return gl_LocalInvocationIndex / LANES; }
#ifdef HALF
#include "lib/stored.glsl"
uint lane = 2 * (gl_LocalInvocationIndex % LANES);
#define READ(operand, first) operand##_at((first) + lane)
#define WRITE(result, first, value) result##_put((first) + lane, value)
#define OPERAND(number, name) STORED_ELEMENTS(number, readonly, name)
#define RESULT_BLOCK(number, name) STORED_RESULTS(number, name)
#else
uint lane = gl_LocalInvocationIndex % LANES;
#define READ(operand, first) operand[(first) + lane]
#define WRITE(result, first, value) result[(first) + lane] = value
#define OPERAND(number, name) layout(std430, binding = number) readonly buffer name##_block { float name[]; };
#define RESULT_BLOCK(number, name) layout(std430, binding = number) buffer name##_block { float name[]; };
#endif
#define READ_BACK(result, first) READ(result, first)
#define BEHIND(count, type, y)                                 \
    layout(push_constant) uniform push_block { type push; };   \
    RESULT_BLOCK(count, y)
#define COLUMNS_1(type, a, y) BEHIND(1, type, y) OPERAND(0, a)
#define COLUMNS_2(type, a, b, y) BEHIND(2, type, y) OPERAND(0, a) OPERAND(1, b)
#define COLUMNS_3(type, a, b, c, y) BEHIND(3, type, y) OPERAND(0, a) OPERAND(1, b) OPERAND(2, c)
#endif

// for_columns runs make_columns, which the kernel defines, for the columns of this workgroup. With SOFTWARE a workgroup has all
// columns, as neighbouring workgroups run on different cores and would fetch each other's cache lines; it takes BLOCKS vectors of
// LANES at a time, side by side, because stores are slow that don't go on where the last one ended.
void make_columns();
#ifdef SOFTWARE
layout(constant_id = 2) const uint BLOCKS = 1;
layout(constant_id = 7) const bool PAIRS = false; // lanes have two channels, for kernels that know how: lib/lanes.glsl
const uint VECTOR = PAIRS ? 2 * LANES : LANES, BLOCK_STEP = LANES;

// Copies 2 LANES floats, or adds them to what is there.
void copy_pairs(uint64_t from, uint64_t to, bool accumulate)
{
    vec2 value = pick_pair(from);
    if (accumulate) value += pick_pair(to);
    pairs(to).v[lane] = pair(value.x, value.y);
}

uint block_begin = 0;
uint first_column() { return block_begin; }
bool is_column_of(uint channels) { return true; } // only multiples of LANES come here
void for_columns(uint channels)
{
    do { // not `for`: what is loaded behind the last block, lib/rows.glsl
        make_columns();
        block_begin += VECTOR * BLOCKS;
    } while (block_begin < channels);
}
#else
#ifdef HALF
const uint BLOCKS = 2, VECTOR = 2 * LANES, BLOCK_STEP = 1;
#else
const uint BLOCKS = 1, VECTOR = LANES, BLOCK_STEP = LANES;
#endif
uint first_column() { return gl_WorkGroupID.x * VECTOR; }
bool is_column_of(uint channels) { return first_column() + lane < channels; }
void for_columns(uint channels) { make_columns(); }
#endif
#if defined(SOFTWARE) || defined(HALF)
#define EACH_BLOCK(k) [[unroll]] for (uint k = 0; k < BLOCKS; k++)
#else
#define EACH_BLOCK(k) for (uint k = 0; k < BLOCKS; k++)
#endif
uint column() { return first_column() + lane; }
