// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE
#include "grad_norm.h"

// partial[group] = sum of x^2 over the group's share of the elements: every SUM_SQUARES_ROWS-th row of SUM_SQUARES_ROW. With SOFTWARE
// a workgroup makes SUM_SQUARES_SIDE partial sums, whose rows lie side by side.
#ifdef SOFTWARE
#include "lib/columns.glsl"
COLUMNS_1(grad_norm_push, x, partial)

shared float shared_lanes[SUM_SQUARES_SIDE * LANES];
float sum[SUM_SQUARES_SIDE];

// The elements from `at` on. There may be fewer than LANES: then those before them are read, too, and left out.
float square(uint at)
{
    const uint from = min(at, push.count - LANES);
    const float value = mix(0.0, READ(x, from), from + lane >= at);
    return value * value;
}

void add_rows(uint at)
{
    [[unroll]] for (uint i = 0; i < SUM_SQUARES_SIDE * SUM_SQUARES_ROW; i += LANES) sum[i / SUM_SQUARES_ROW] += square(at + i);
}

void make_columns()
{
    const uint first = gl_WorkGroupID.y * SUM_SQUARES_SIDE;
    [[unroll]] for (uint k = 0; k < SUM_SQUARES_SIDE; k++) sum[k] = 0.0;
    uint at = first * SUM_SQUARES_ROW;
    do {
        add_rows(at);
        at += SUM_SQUARES_ROWS * SUM_SQUARES_ROW;
    } while (at < push.count);
    [[unroll]] for (uint k = 0; k < SUM_SQUARES_SIDE; k++) shared_lanes[k * LANES + lane] = sum[k];
    barrier();
    if (lane >= SUM_SQUARES_SIDE) return;
    float total = 0.0;
    for (uint i = 0; i < LANES; i++) total += shared_lanes[lane * LANES + i];
    partial[first + lane] = total;
}

void main()
{
    make_columns();
}
#else
#define REDUCE_SIZE SUM_SQUARES_ROW
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
layout(push_constant) uniform push_block { grad_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) writeonly buffer partial_block { float partial[]; };
REDUCE_SUM(float, sum_float)

void main()
{
    const uint stride = gl_NumWorkGroups.x * REDUCE_SIZE;
    float sum = 0.0;
    for (uint i = gl_GlobalInvocationID.x; i < push.count; i += stride) sum += x[i] * x[i];
    const float total = sum_float(sum);
    if (gl_LocalInvocationIndex == 0) partial[gl_WorkGroupID.x] = total;
}
#endif
