// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define SOFTWARE
#include "region_loss.h"
#include "lib/lane_classes.glsl"
COLUMNS_2(region_loss_push, z, t, partial)

// partial[PIXELS group.y + pixel][k][class] = sums of p t, p and t (k = 0, 1, 2) over the group's rows.
float sums[3] = float[3](0.0, 0.0, 0.0);

void visit(uint first, uint k)
{
    const float p = sigmoid(READ(z, first)), target = READ(t, first);
    sums[0] += p * target;
    sums[1] += p;
    sums[2] += target;
}

void main()
{
    visit_lane_rows(push.rows, push.chunk_rows);
    const uint row = gl_WorkGroupID.y * PIXELS + LANE_PIXEL;
    [[unroll]] for (uint k = 0; k < 3; k++) partial[(row * 3 + k) * push.classes + LANE_CLASS] = sums[k];
}
