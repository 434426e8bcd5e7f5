// SPDX-License-Identifier: MIT
// main() of the kernels of lib/spatial.glsl. They define MAKE_Y or MAKE_X (which is made), OPERANDS (the bindings before the
// result), and value_at(), one element.
#include "lib/spatial.glsl"

layout(constant_id = 1) const bool ACCUMULATE = false;
layout(std430, binding = OPERANDS) buffer made_block { float made[]; };

float value_at(place at);

void main()
{
    place at = first_place();
    if (at.c >= push.c) return;
#ifdef MAKE_Y
    const uint width = push.yw, first = y_at(at.n, at.h, 0, at.c);
#else
    const uint width = push.xw, first = x_at(at.n, at.h, 0, at.c);
#endif
    for (; at.w < width; at.w += ROWS) {
        const uint i = first + at.w * push.c;
        const float value = value_at(at);
        made[i] = ACCUMULATE ? made[i] + value : value;
    }
}
