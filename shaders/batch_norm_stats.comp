// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/rows.glsl"
#include "lib/moments.glsl"

// partial[chunk][0] = mean, [1] = sum of squared deviations of each column over the rows of a chunk. Each invocation sums up
// differences from the first element it sees, so that the mean's size does not cost digits.
COLUMNS_1(batch_norm_push, x, partial) // partial [chunks][2][channels]

float origin[BLOCKS], sum[BLOCKS], squares[BLOCKS];

void visit(uint first, uint k)
{
    const float d = READ(x, first) - origin[k];
    sum[k] += d;
    squares[k] += d * d;
}

void sum_rows(uint begin, uint end)
{
    const uint mine = begin + row();
    if (mine >= end) return;
    EACH_BLOCK(k) origin[k] = READ(x, mine * push.channels + first_column() + k * BLOCK_STEP);
    visit_rows(begin, end, push.rows, push.channels);
}

moments moments_of(uint k, uint begin, uint end)
{
    const uint mine = begin + row();
    if (mine >= end) return moments(0.0, 0.0, 0.0);
    const float count = float((end - mine - 1) / ROWS + 1), shift = sum[k] / count;
    return moments(count, origin[k] + shift, max(squares[k] - sum[k] * shift, 0.0));
}

void make_columns()
{
    const uint chunk = gl_WorkGroupID.y, begin = chunk * push.chunk_rows, end = min(begin + push.chunk_rows, push.rows);
    const bool inside = is_column_of(push.channels);
    EACH_BLOCK(k) sum[k] = squares[k] = 0.0;
    if (inside) sum_rows(begin, end);
    EACH_BLOCK(k) {
        moments mine = moments(0.0, 0.0, 0.0);
        if (inside) mine = moments_of(k, begin, end);
        mine = moments_join_rows(mine);
        if (!inside || row() != 0) continue;
        const uint to = 2 * chunk * push.channels + column() + k * BLOCK_STEP;
        partial[to] = mine.mean;
        partial[to + push.channels] = mine.m2;
    }
}

void main()
{
    for_columns(push.channels);
}
