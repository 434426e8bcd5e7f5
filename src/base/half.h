// SPDX-License-Identifier: MIT
// 16-bit floating point numbers as bits: halves (IEEE 754 binary16) and bf16 (the upper half of a float). From floats they are rounded to
// the nearest, ties to even; NaN stays NaN, and what is beyond the range becomes infinite.
#ifndef BASE_HALF_H
#define BASE_HALF_H

#include <stdint.h>

uint16_t base_half_from_float(float value);
float base_half_to_float(uint16_t bits);
uint16_t base_bf16_from_float(float value);
float base_bf16_to_float(uint16_t bits);

#endif
