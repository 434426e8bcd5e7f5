// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define MAKE_X
#define SOURCE dy
#include "lib/make.glsl"
#include "lib/bilinear.glsl"

// dx = sum of dy over the outputs that read the element, weighted as they did.
float value_at(place at)
{
    const uint h_end = taps_end(at.h, push.xh, push.yh), w_end = taps_end(at.w, push.xw, push.yw);
    float value = 0.0;
    for (uint h = taps_first(at.h, push.xh, push.yh); h < h_end; h++) {
        const float h_weight = tap_weight(taps_of(h, push.xh, push.yh), at.h);
        if (h_weight == 0.0) continue;
        for (uint w = taps_first(at.w, push.xw, push.yw); w < w_end; w++) {
            value += h_weight * tap_weight(taps_of(w, push.xw, push.yw), at.w) * READ(dy, y_index(at.n, h, w, at.c));
        }
    }
    return value;
}
