// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define SOFTWARE
#include "region_loss.h"
#include "lib/lane_classes.glsl"
layout(constant_id = 1) const bool ACCUMULATE = false;
COLUMNS_3(region_loss_push, z, t, coef, dz)

// Through the sigmoid: dz = (coef[0][c] t + coef[1][c]) p (1 - p).
float a = 0.0, b = 0.0; // the coefficients of this lane's class

void load_coefficients()
{
    scalars from = scalars(coef_at);
    uint c = 0;
    do {
        a = mix(a, from.v[c], LANE_CLASS == c);
        b = mix(b, from.v[push.classes + c], LANE_CLASS == c);
    } while (++c < push.classes);
}

void visit(uint first, uint k)
{
    const float value = (a * READ(t, first) + b) * sigmoid_slope(READ(z, first));
    dz[first + lane] = ACCUMULATE ? READ_BACK(dz, first) + value : value;
}

void main()
{
    load_coefficients();
    visit_lane_rows(push.rows, push.chunk_rows);
}
