// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
#include "slice_sum.h"

// y[s][j] = sum over the rows i of part s of x[i][j]: column sums of matrices with many columns, in one pass (one part) or two.
// An invocation adds up its column's rows in order, with HALF those of two columns; neighbours read neighbouring columns. With SOFTWARE a
// workgroup does `chunk` columns of one part.
#ifdef SOFTWARE
#include "lib/columns.glsl"
layout(constant_id = 1) const bool ACCUMULATE = false;
COLUMNS_1(slice_sum_push, x, y)

void sum_block(uint part, uint column)
{
    float sum[BLOCKS];
    EACH_BLOCK(k) sum[k] = 0.0;
    uint row = part * push.part;
    const uint last = min(row + push.part, push.rows);
    do {
        EACH_BLOCK(k) sum[k] += READ(x, row * push.columns + column + k * LANES);
    } while (++row < last);
    EACH_BLOCK(k) {
        const uint to = part * push.columns + column + k * LANES;
        y[to + lane] = ACCUMULATE ? READ_BACK(y, to) + sum[k] : sum[k];
    }
}

void make_columns() {} // only some are this workgroup's

void main()
{
    uint column = gl_WorkGroupID.y * push.chunk;
    const uint end = min(column + push.chunk, push.columns);
    do {
        sum_block(gl_WorkGroupID.z, column);
        column += LANES * BLOCKS;
    } while (column < end);
}
#else
#include "lib/elements.glsl"
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { slice_sum_push p; };
ELEMENTS(0, x) // [rows][columns]
RESULTS(1, y)  // [parts][columns]

void main()
{
    const uint i = flat_index();
    if (i >= p.count) return;
    const uint first = i / p.columns * p.part, last = min(first + p.part, p.rows);
    float sum[ELEMENTS_EACH];
    EACH_ELEMENT(k) sum[k] = 0.0;
    for (uint row = first; row < last; row++) EACH_ELEMENT(k) sum[k] += READ(x, row * p.columns + i % p.columns + k);
    EACH_ELEMENT(k) WRITE(y, i + k, ACCUMULATE ? READ_BACK(y, i + k) + sum[k] : sum[k]);
}
#endif
