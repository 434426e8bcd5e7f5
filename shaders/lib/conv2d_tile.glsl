// SPDX-License-Identifier: MIT
// What the bodies of the convolution share. Each invocation computes TM x TN results in registers: all loops over the tile
// are unrolled so that its arrays have constant indices only.
//
// VEC is the width of loads and stores along channels: 1, or 4 where the channels of a group are multiples of 4 in x and y.
#extension GL_EXT_control_flow_attributes : require
#include "conv2d.h"
#include "lib/stored.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint TM = 4; // multiples of VEC
layout(constant_id = 2) const uint TN = 4;
layout(constant_id = 3) const bool ACCUMULATE = false; // add to what the output holds
layout(constant_id = 4) const uint EXTRA = 0; // what the third operand is (enum conv_extra)
layout(constant_id = 5) const bool RELU = false;
#define EXTRA_BIAS 1
#define EXTRA_RESIDUAL 2
#define EXTRA_SKIP 3
layout(push_constant) uniform push_block { conv2d_push p; };

#if VEC == 4
#define LANES vec4
#define PACK(f, i) vec4(f[i], f[(i) + 1], f[(i) + 2], f[(i) + 3])
#define PART(v, i) (v)[i]
#define NEGATIVE(v) lessThan(v, vec4(0.0))
#define OPERAND(number, name) STORED_VECTORS(number, readonly, name)
#define RESULT(number, name) STORED_VECTOR_RESULTS(number, name)
#else
#define LANES float
#define PACK(f, i) f[i]
#define PART(v, i) (v)
#define NEGATIVE(v) ((v) < 0.0)
#define OPERAND(number, name) STORED_ELEMENTS(number, readonly, name)
#define RESULT(number, name) STORED_RESULTS(number, name)
#endif

// Groups may be folded into y.
uint tile_index()
{
    return (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}

// Takes the fastest digit off a mixed-radix number.
uint take(inout uint number, uint radix)
{
    const uint digit = number % radix;
    number /= radix;
    return digit;
}

// The same for the place of a tile in its product. Tiles are ordered by panels of 8 m tiles and all n tiles, so that the
// invocations of a workgroup form a block, where each load serves several of them.
uvec2 take_tile(inout uint number)
{
    uint i = take(number, p.m_tiles * p.n_tiles);
    const uint first = i / (8 * p.n_tiles) * 8, width = min(8, p.m_tiles - first);
    i -= first * p.n_tiles;
    return uvec2(first + i % width, i / width);
}
