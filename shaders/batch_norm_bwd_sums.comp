// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/batch_norm.glsl"
#include "lib/pair_sum.glsl"

// partial[chunk][0] = sum of dy * normalised x, [1] = sum of dy, of each column over the rows of a chunk. With ReLU, dy counts where
// y > 0.
layout(constant_id = 1) const uint OPTIONS = 0;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) readonly buffer saved_block { float saved[]; };      // [4][channels]: mean, inverse deviation, factor, bias
layout(std430, binding = 2) readonly buffer dy_block { float dy[]; };
layout(std430, binding = 3) writeonly buffer partial_block { float partial[]; }; // [chunks][2][channels]

void main()
{
    const uint c = column(), chunk = gl_WorkGroupID.y, begin = chunk * push.chunk_rows;
    const bool inside = c < push.channels;
    vec2 sum = vec2(0.0);
    if (inside) {
        const uint n = push.channels;
        const float mean = saved[c], inverse = saved[n + c], factor = saved[2 * n + c], bias = saved[3 * n + c];
        const uint end = min(begin + push.chunk_rows, push.rows);
        for (uint r = begin + row(); r < end; r += ROWS) {
            const uint i = r * push.channels + c;
            const bool off = (OPTIONS & BATCH_NORM_RELU) != 0 && !(batch_norm_value(x[i], mean, factor, bias) > 0.0);
            const float value = off ? 0.0 : dy[i];
            sum += vec2((x[i] - mean) * value, value);
        }
        sum.x *= inverse;
    }
    sum = pair_sum_rows(sum);
    if (!inside || row() != 0) return;
    const uint to = 2 * chunk * push.channels + c;
    partial[to] = sum.x;
    partial[to + push.channels] = sum.y;
}
