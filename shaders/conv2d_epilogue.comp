// SPDX-License-Identifier: MIT
// also: HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/elements.glsl"
#include "conv2d_epilogue.h"

// y = act(y + bias + residual): what a convolution's kernel had no binding left for. One invocation per element, with HALF per two.
layout(constant_id = 0) const bool BIAS = false;
layout(constant_id = 1) const bool RESIDUAL = false;
layout(constant_id = 2) const bool RELU = false;
layout(push_constant) uniform push_block { conv2d_epilogue_push push; };
ELEMENTS(0, bias)     // [channels]
ELEMENTS(1, residual) // as y
RESULTS(2, y)

void main()
{
    const uint first = flat_index();
    if (first >= push.count) return;
    EACH_ELEMENT(k) {
        const uint i = first + k;
        float value = READ_BACK(y, i);
        if (BIAS) value += READ(bias, i % push.channels);
        if (RESIDUAL) value += READ(residual, i);
        WRITE(y, i, RELU && value < 0.0 ? 0.0 : value); // NaN stays NaN
    }
}
