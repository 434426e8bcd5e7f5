// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
// also: SOFTWARE HALF
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/rows.glsl"
#include "lib/batch_norm.glsl"

// y = act((x - mean) * factor + bias + residual).
layout(constant_id = 1) const uint OPTIONS = 0;
COLUMNS_3(batch_norm_push, x, saved, residual, y) // saved [4][channels]: mean, inverse deviation, factor, bias

float mean[BLOCKS], factor[BLOCKS], bias[BLOCKS];

void visit(uint first, uint k)
{
    float value = batch_norm_value(READ(x, first), mean[k], factor[k], bias[k]);
    if ((OPTIONS & BATCH_NORM_RESIDUAL) != 0) value += READ(residual, first);
    WRITE(y, first, (OPTIONS & BATCH_NORM_RELU) != 0 && value < 0.0 ? 0.0 : value); // NaN stays NaN
}

void make_columns()
{
    const uint c = first_column(), n = push.channels, begin = gl_WorkGroupID.y * push.chunk_rows;
    if (!is_column_of(n)) return;
    EACH_BLOCK(k) {
        mean[k] = READ(saved, c + k * BLOCK_STEP);
        factor[k] = READ(saved, 2 * n + c + k * BLOCK_STEP);
        bias[k] = READ(saved, 3 * n + c + k * BLOCK_STEP);
    }
    visit_rows(begin, min(begin + push.chunk_rows, push.rows), push.rows, n);
}

void main()
{
    for_columns(push.channels);
}
