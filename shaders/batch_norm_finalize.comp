// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/moments.glsl"

// Joins the partial moments of all chunks; saved = mean and 1 / sqrt(variance + eps), by the biased variance; running statistics
// move by `momentum` towards mean and unbiased variance.
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer partial_block { float partial[]; }; // [chunks][2][channels]
layout(std430, binding = 1) buffer running_block { float running[]; };          // [2][channels]: mean, variance
layout(std430, binding = 2) writeonly buffer saved_block { float saved[]; };    // [2][channels]

moments moments_of_chunk(uint chunk)
{
    const uint rows = min(push.chunk_rows, push.rows - chunk * push.chunk_rows);
    const uint at = 2 * chunk * push.channels + column();
    return moments(float(rows), partial[at], partial[at + push.channels]);
}

void main()
{
    const uint c = column();
    const bool inside = c < push.channels;
    moments all = moments(0.0, 0.0, 0.0);
    for (uint chunk = row(); inside && chunk < push.chunks; chunk += ROWS) all = moments_join(all, moments_of_chunk(chunk));
    all = moments_join_rows(all);
    if (!inside || row() != 0) return;
    saved[c] = all.mean;
    saved[push.channels + c] = 1.0 / sqrt(all.m2 / all.count + push.eps);
    const float unbiased = all.m2 / max(all.count - 1.0, 1.0);
    running[c] += push.momentum * (all.mean - running[c]);
    running[push.channels + c] += push.momentum * (unbiased - running[push.channels + c]);
}
