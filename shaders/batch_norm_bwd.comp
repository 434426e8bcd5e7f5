// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/rows.glsl"
#include "lib/batch_norm.glsl"

// dx = a dy + b (x - mean) + d with coefficients by channel (batch_norm_bwd_finalize). With ReLU, dy counts where y > 0.
layout(constant_id = 1) const uint OPTIONS = 0;
COLUMNS_3(batch_norm_push, x, dy, coef, dx) // coef [5][channels]: a, b, mean, d, bias

float a[BLOCKS], b[BLOCKS], mean[BLOCKS], d[BLOCKS], bias[BLOCKS];

void visit(uint first, uint k)
{
    const float mine = READ(x, first), given = READ(dy, first);
    const bool off = (OPTIONS & BATCH_NORM_RELU) != 0 && !(batch_norm_value(mine, mean[k], a[k], bias[k]) > 0.0);
    const float value = a[k] * (off ? 0.0 : given) + (b[k] * (mine - mean[k]) + d[k]);
    WRITE(dx, first, (OPTIONS & BATCH_NORM_ACCUMULATE) != 0 ? READ_BACK(dx, first) + value : value);
}

void make_columns()
{
    const uint c = first_column(), n = push.channels, begin = gl_WorkGroupID.y * push.chunk_rows;
    if (!is_column_of(n)) return;
    EACH_BLOCK(k) {
        const uint at = c + k * BLOCK_STEP;
        a[k] = READ(coef, at);
        b[k] = READ(coef, n + at);
        mean[k] = READ(coef, 2 * n + at);
        d[k] = READ(coef, 3 * n + at);
        bias[k] = READ(coef, 4 * n + at);
    }
    visit_rows(begin, min(begin + push.chunk_rows, push.rows), push.rows, n);
}

void main()
{
    for_columns(push.channels);
}
