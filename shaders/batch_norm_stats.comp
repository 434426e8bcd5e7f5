// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/moments.glsl"

// partial[chunk][0] = mean, [1] = sum of squared deviations of each column over the rows of a chunk. Each invocation sums up
// differences from the first element it sees, so that the mean's size does not cost digits.
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) writeonly buffer partial_block { float partial[]; }; // [chunks][2][channels]

moments moments_of_rows(uint begin, uint end)
{
    if (begin >= end) return moments(0.0, 0.0, 0.0);
    const float first = x[begin * push.channels + column()];
    float sum = 0.0, squares = 0.0, count = 0.0;
    for (uint r = begin; r < end; r += ROWS) {
        const float d = x[r * push.channels + column()] - first;
        sum += d;
        squares += d * d;
        count += 1.0;
    }
    const float shift = sum / count;
    return moments(count, first + shift, max(squares - sum * shift, 0.0));
}

void main()
{
    const uint chunk = gl_WorkGroupID.y, begin = chunk * push.chunk_rows;
    const bool inside = column() < push.channels;
    moments mine = moments(0.0, 0.0, 0.0);
    if (inside) mine = moments_of_rows(begin + row(), min(begin + push.chunk_rows, push.rows));
    mine = moments_join_rows(mine);
    if (!inside || row() != 0) return;
    const uint to = 2 * chunk * push.channels + column();
    partial[to] = mine.mean;
    partial[to + push.channels] = mine.m2;
}
