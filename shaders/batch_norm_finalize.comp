// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"
#include "lib/moments.glsl"

// Joins the partial moments of all chunks to mean and biased variance.
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer partial_block { float partial[]; };  // [chunks][2][channels]
layout(std430, binding = 1) writeonly buffer moments_block { float result[]; }; // [2][channels]

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
    result[c] = all.mean;
    result[push.channels + c] = all.m2 / all.count;
}
