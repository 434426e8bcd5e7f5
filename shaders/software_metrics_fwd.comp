// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define SOFTWARE
#include "metrics.h"
#include "lib/lane_classes.glsl"
COLUMNS_2(metrics_push, z, t, partial)

// partial[PIXELS group.y + pixel][image][class] = counts and sums over the group's rows of one image, group.z.
uint both = 0, predicted = 0, present = 0;
float sums[3] = float[3](0.0, 0.0, 0.0);

void visit(uint first, uint k)
{
    const float logit = READ(z, first), target = READ(t, first), p = sigmoid(logit);
    const uint is_positive = uint(logit >= push.threshold), is_true = uint(target > 0.5);
    both += is_positive & is_true;
    predicted += is_positive;
    present += is_true;
    sums[0] += p * target;
    sums[1] += p;
    sums[2] += target;
}

void write(uint count)
{
    const uint row = gl_WorkGroupID.y * PIXELS + LANE_PIXEL;
    const uint to = ((row * gl_NumWorkGroups.z + gl_WorkGroupID.z) * push.classes + LANE_CLASS) * METRICS_WORDS;
    const uint counts[4] = uint[4](both, predicted - both, present - both, count + both - predicted - present);
    [[unroll]] for (uint i = 0; i < 4; i++) partial[to + i] = uintBitsToFloat(counts[i]);
    [[unroll]] for (uint i = 0; i < 3; i++) partial[to + 4 + i] = sums[i];
    partial[to + 7] = 0.0;
}

void main()
{
    const uint start = gl_WorkGroupID.z * push.image_rows, begin = gl_WorkGroupID.y * push.chunk_rows;
    const uint end = min(begin + push.chunk_rows, push.image_rows);
    visit_rows(start + begin, start + end, push.image_rows * gl_NumWorkGroups.z, LANES);
    write(end - begin);
}
