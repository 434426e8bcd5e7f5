// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/columns.glsl"
#include "batch_norm.h"

// From mean and variance of each channel: what the kernels apply. Of a batch (BATCH), running statistics move by `momentum` towards
// its mean and its unbiased variance.
layout(constant_id = 1) const bool BATCH = false;
layout(push_constant) uniform push_block { batch_norm_push push; };
layout(std430, binding = 0) readonly buffer moments_block { float moments[]; }; // [2][channels]: mean, variance
layout(std430, binding = 1) readonly buffer wb_block { float wb[]; };           // [2][channels]
layout(std430, binding = 2) buffer running_block { float running[]; };          // [2][channels]: mean, variance
layout(std430, binding = 3) writeonly buffer saved_block { float saved[]; };    // [4][channels]: mean, inverse deviation, factor, bias

void main()
{
    const uint c = column(), n = push.channels;
    if (c >= n || row() != 0) return;
    const float mean = moments[c], variance = moments[n + c], inverse = 1.0 / sqrt(variance + push.eps);
    saved[c] = mean;
    saved[n + c] = inverse;
    saved[2 * n + c] = wb[c] * inverse;
    saved[3 * n + c] = wb[n + c];
    if (!BATCH) return;
    const float rows = float(push.rows), unbiased = variance * (rows / max(rows - 1.0, 1.0));
    running[c] += push.momentum * (mean - running[c]);
    running[n + c] += push.momentum * (unbiased - running[n + c]);
}
