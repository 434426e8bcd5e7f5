// SPDX-License-Identifier: MIT
// Errors of one class as pairs (key, pixel and flags). Ascending keys are descending errors; pixels without a label come last.
const uint LABEL = 1u, LABELLED = 2u;

uint key_of(float error)
{
    const uint bits = floatBitsToUint(error);
    return (bits & 0x80000000u) != 0 ? bits : ~(bits | 0x80000000u);
}

float error_of(uint key)
{
    return uintBitsToFloat((key & 0x80000000u) != 0 ? key : ~key & 0x7fffffffu);
}
