// SPDX-License-Identifier: MIT
// Body of kernels that compute each element of y from the same element of one or two operands. The kernel defines OPERANDS (1 or
// 2) and RESULT, an expression of a, b and alpha, before it includes this. One invocation makes one element.
#include "lib/index.glsl"
#include "map.h"

layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { map_push push; };
layout(std430, binding = 0) readonly buffer a_block { float a_data[]; };
#if OPERANDS == 2
layout(std430, binding = 1) readonly buffer b_block { float b_data[]; };
#endif
layout(std430, binding = OPERANDS) buffer y_block { float y_data[]; };

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const float alpha = push.alpha;
    const float a = a_data[i];
#if OPERANDS == 2
    const float b = b_data[i];
#endif
    const float value = RESULT;
    y_data[i] = ACCUMULATE ? y_data[i] + value : value;
}
