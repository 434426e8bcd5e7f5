// SPDX-License-Identifier: MIT
// main() of the kernels of lib/spatial.glsl. They define MAKE_Y or MAKE_X (which is made), their operands, and value_at(), one element
// for each lane. With SOFTWARE, value_at's loops must run at least once and check at their end, see lib/rows.glsl.
#include "lib/spatial.glsl"

layout(constant_id = 1) const bool ACCUMULATE = false;

float value_at(place at);
#ifdef COPIES // only elements of x, those at this index and behind it: a way to tell which
uint copied(place at);
#endif

void make(place at)
{
#ifdef MAKE_Y
    const uint i = y_index(at.n, at.h, at.w, at.c);
#else
    const uint i = x_index(at.n, at.h, at.w, at.c);
#endif
#if defined(COPIES) && defined(SOFTWARE)
    if (PAIRS) {
        copy_pairs(x_at + 4 * uint64_t(copied(at)), made_at + 4 * uint64_t(i), ACCUMULATE);
        return;
    }
#endif
    const float value = value_at(at);
    WRITE(made, i, ACCUMULATE ? READ_BACK(made, i) + value : value);
}

void make_columns()
{
#ifdef MAKE_Y
    const uint width = push.yw;
#else
    const uint width = push.xw;
#endif
    uint w = row();
#ifdef SOFTWARE
    do {
        EACH_BLOCK(k) make(place(gl_WorkGroupID.z, gl_WorkGroupID.y, w, first_column() + k * VECTOR));
    } while (++w < width);
#else
    for (; w < width; w += ROWS)
        EACH_BLOCK(k) make(place(gl_WorkGroupID.z, gl_WorkGroupID.y, w, first_column() + k * BLOCK_STEP));
#endif
}

void main()
{
    if (is_column_of(push.c)) for_columns(push.c);
}
