// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/rows.glsl"
#include "lib/batch_norm.glsl"
#include "lib/pair_sum.glsl"

// partial[chunk][0] = sum of dy * normalised x, [1] = sum of dy, of each column over the rows of a chunk. With ReLU, dy counts where
// y > 0.
layout(constant_id = 1) const uint OPTIONS = 0;
// saved [4][channels]: mean, inverse deviation, factor, bias; partial [chunks][2][channels]
COLUMNS_3(batch_norm_push, x, saved, dy, partial)

float mean[BLOCKS], factor[BLOCKS], bias[BLOCKS];
vec2 sum[BLOCKS];

void visit(uint first, uint k)
{
    const float mine = READ(x, first), given = READ(dy, first);
    const bool off = (OPTIONS & BATCH_NORM_RELU) != 0 && !(batch_norm_value(mine, mean[k], factor[k], bias[k]) > 0.0);
    const float value = off ? 0.0 : given;
    sum[k] += vec2((mine - mean[k]) * value, value);
}

void start(uint k)
{
    const uint at = first_column() + k * BLOCK_STEP, n = push.channels;
    mean[k] = READ(saved, at);
    factor[k] = READ(saved, 2 * n + at);
    bias[k] = READ(saved, 3 * n + at);
    sum[k] = vec2(0.0);
}

void make_columns()
{
    const uint c = first_column(), n = push.channels, chunk = gl_WorkGroupID.y, begin = chunk * push.chunk_rows;
    const bool inside = is_column_of(n);
    sum[0] = vec2(0.0);
    if (inside) {
        EACH_BLOCK(k) start(k);
        visit_rows(begin, min(begin + push.chunk_rows, push.rows), push.rows, n);
        EACH_BLOCK(k) sum[k].x *= READ(saved, n + c + k * BLOCK_STEP);
    }
    EACH_BLOCK(k) {
        const vec2 total = pair_sum_rows(sum[k]);
        if (!inside || row() != 0) continue;
        const uint to = 2 * chunk * n + column() + k * BLOCK_STEP;
        partial[to] = total.x;
        partial[to + n] = total.y;
    }
}

void main()
{
    for_columns(push.channels);
}
