// SPDX-License-Identifier: MIT
// For devices whose subgroup is one SIMD register: a workgroup is one subgroup. Loads are cheap where the compiler sees that the
// address is the same for all lanes, through pointers, which have no bounds check; a vector is so many such loads, of which each
// lane picks its own: that folds into one load of a register. (A load with an address per lane is one load for each lane.)
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_KHR_shader_subgroup_basic : require

layout(local_size_x_id = 0) in; // the size of a subgroup
layout(constant_id = 0) const uint LANES = 8;

layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer scalars { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer vectors { vec4 v[]; };

// Stores take a step for each lane, whatever its size: two floats that are neighbours are best stored as one.
layout(buffer_reference, std430, buffer_reference_align = 8) buffer pairs { uint64_t v[]; };

uint lane = gl_SubgroupInvocationID;

// Element `lane` of the LANES floats at an address.
float pick(uint64_t at)
{
    vectors from = vectors(at);
    float mine = 0.0;
    [[unroll]] for (uint i = 0; i < LANES / 4; i++) {
        const vec4 four = from.v[i];
        mine = mix(mine, four.x, lane == 4 * i);
        mine = mix(mine, four.y, lane == 4 * i + 1);
        mine = mix(mine, four.z, lane == 4 * i + 2);
        mine = mix(mine, four.w, lane == 4 * i + 3);
    }
    return mine;
}

// (With OpBitcast of two halves llvmpipe overruns its stack at 512 bits.)
uint64_t pair(float a, float b)
{
    return uint64_t(floatBitsToUint(a)) | uint64_t(floatBitsToUint(b)) << 32;
}

// Elements 2 lane and 2 lane + 1 of the floats at an address, a multiple of 8. (Picking doesn't fold for 64 bits.)
vec2 load_pair(uint64_t at)
{
    const uint64_t mine = pairs(at).v[lane];
    return uintBitsToFloat(uvec2(uint(mine), uint(mine >> 32)));
}

// The same of an address that all lanes share: by two selections of 32 bits, which fold.
vec2 pick_pair(uint64_t at)
{
    vectors from = vectors(at);
    vec2 mine = vec2(0.0);
    [[unroll]] for (uint i = 0; i < LANES / 2; i++) {
        const vec4 four = from.v[i];
        mine = mix(mine, four.xy, bvec2(lane == 2 * i));
        mine = mix(mine, four.zw, bvec2(lane == 2 * i + 1));
    }
    return mine;
}

// Elements 4 lane .. 4 lane + 3.
vec4 pick_four(uint64_t at)
{
    vectors from = vectors(at);
    vec4 mine = vec4(0.0);
    [[unroll]] for (uint i = 0; i < LANES; i++) mine = mix(mine, from.v[i], bvec4(lane == i));
    return mine;
}

// All ones if negative, else 0. Choices are made by masks: the compiler keeps numbers that are the same for all lanes in scalar
// registers, but not what it selects by a condition.
int minus(int number)
{
    return number >> 31;
}

int positive(int number)
{
    return number & ~minus(number);
}
