// SPDX-License-Identifier: MIT
// Operands of 1-D kernels (lib/index.glsl) by their elements, as floats, or with HALF as they are stored (lib/stored.glsl). An invocation
// makes one element, with HALF two, the first one first.
#include "lib/index.glsl"

#ifdef HALF
#include "lib/stored.glsl"
#define ELEMENTS(number, name) STORED_ELEMENTS(number, readonly, name)
#define RESULTS(number, name) STORED_RESULTS(number, name)
#define READ(operand, i) operand##_at(i)
#define WRITE(result, i, value) result##_put(i, value)
#define ELEMENTS_EACH 2
#define EACH_ELEMENT(k) [[unroll]] for (uint k = 0; k < 2; k++)
#else
#define ELEMENTS(number, name) layout(std430, binding = number) readonly buffer name##_block { float name[]; };
#define RESULTS(number, name) layout(std430, binding = number) buffer name##_block { float name[]; };
#define READ(operand, i) operand[i]
#define WRITE(result, i, value) result[i] = value
#define ELEMENTS_EACH 1
#define EACH_ELEMENT(k) for (uint k = 0; k < 1; k++)
#endif
#define READ_BACK(result, i) READ(result, i)
