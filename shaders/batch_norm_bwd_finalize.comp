// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/pair_sum.glsl"

// Adds up the chunks: dwb = sum of dy * normalised x, sum of dy. Then, with n rows, weight w and inverse deviation s,
//     dx = w s (dy - mean(dy) - normalised x * mean(dy * normalised x)) = a dy + b (x - mean) + d
// where a = w s, b = -w s^2 mean(dy * normalised x), d = -w s mean(dy). The coefficients go behind the partial sums.
layout(constant_id = 1) const bool ACCUMULATE = false; // dwb
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) buffer work_block { float work[]; };             // partial [chunks][2][channels]; a, b, mean, d, bias [5][channels]
layout(std430, binding = 1) readonly buffer saved_block { float saved[]; };  // [4][channels]: mean, inverse deviation, factor, bias
layout(std430, binding = 2) buffer dwb_block { float dwb[]; };               // [2][channels]

void main()
{
    const uint c = column(), channels = push.channels;
    const bool inside = c < channels;
    vec2 sum = vec2(0.0);
    for (uint chunk = row(); inside && chunk < push.chunks; chunk += ROWS) {
        const uint at = 2 * chunk * channels + c;
        sum += vec2(work[at], work[at + channels]);
    }
    sum = pair_sum_rows(sum);
    if (!inside || row() != 0) return;
    dwb[c] = ACCUMULATE ? dwb[c] + sum.x : sum.x;
    dwb[channels + c] = ACCUMULATE ? dwb[channels + c] + sum.y : sum.y;
    const float inverse = saved[channels + c], a = saved[2 * channels + c];
    const uint to = push.coef_offset + c;
    work[to] = a;
    work[to + channels] = -a * inverse * (sum.x / float(push.rows));
    work[to + 2 * channels] = saved[c];
    work[to + 3 * channels] = -a * (sum.y / float(push.rows));
    work[to + 4 * channels] = saved[3 * channels + c];
}
