// SPDX-License-Identifier: MIT
// Functions that keep their relative precision where the textbook formula loses it.

// log(1 + x) for x from 0 to 1. Vulkan lets log be off by 2^-21 near 1; this is 2 atanh(x / (2 + x)), whose series needs seven terms.
float log_1p_small(float x)
{
    const float s = x / (2.0 + x);
    const float q = s * s;
    return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0)))))));
}

// For x >= 0.
float log_1p(float x)
{
    if (x > 1.0) return log(1.0 + x);
    return log_1p_small(x);
}

// exp never sees a positive argument, so nothing overflows.
float sigmoid(float z)
{
    const float e = exp(-abs(z));
    return mix(e, 1.0, z >= 0.0) / (1.0 + e);
}

vec4 sigmoid(vec4 z)
{
    return vec4(sigmoid(z.x), sigmoid(z.y), sigmoid(z.z), sigmoid(z.w));
}

// Derivative p (1 - p), without the cancellation in 1 - p.
float sigmoid_slope(float z)
{
    const float e = exp(-abs(z));
    return e / ((1.0 + e) * (1.0 + e));
}
