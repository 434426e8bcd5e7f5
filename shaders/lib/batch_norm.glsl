// SPDX-License-Identifier: MIT
// The normalised value, without contraction: the backward pass computes it anew and must find the same sign.
float batch_norm_value(float x, float mean, float factor, float bias)
{
    precise float value = (x - mean) * factor + bias;
    return value;
}
