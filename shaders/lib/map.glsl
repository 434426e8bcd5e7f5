// SPDX-License-Identifier: MIT
// Body of kernels that compute each element of y from the same element of one or two operands. The kernel defines OPERANDS (1 or
// 2) and RESULT, an expression of a, b and alpha, before it includes this. One invocation makes one element, with HALF two; with
// SOFTWARE the elements are rows of LANES, and a workgroup makes some of them.
#include "map.h"

layout(constant_id = 1) const bool ACCUMULATE = false;
#ifdef SOFTWARE
#include "lib/lane_rows.glsl"
#if OPERANDS == 2
COLUMNS_2(map_push, a_data, b_data, y_data)
#else
COLUMNS_1(map_push, a_data, y_data)
#endif
#else
#include "lib/elements.glsl"
layout(push_constant) uniform push_block { map_push push; };
ELEMENTS(0, a_data)
#if OPERANDS == 2
ELEMENTS(1, b_data)
#endif
RESULTS(OPERANDS, y_data)
#endif

void visit(uint first, uint k)
{
    const float alpha = push.alpha;
    const float a = READ(a_data, first);
#if OPERANDS == 2
    const float b = READ(b_data, first);
#endif
    const float value = RESULT;
    WRITE(y_data, first, ACCUMULATE ? READ_BACK(y_data, first) + value : value);
}

#ifdef SOFTWARE
void main()
{
    visit_lane_rows(push.rows, push.chunk_rows);
}
#else
void main()
{
    const uint i = flat_index();
    if (i < push.count) EACH_ELEMENT(k) visit(i + k, k);
}
#endif
