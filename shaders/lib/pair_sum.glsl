// SPDX-License-Identifier: MIT
// Adds up the rows of the workgroup (lib/columns.glsl), as a binary tree; row 0 gets the sum. All invocations must call it.
#ifdef SOFTWARE
vec2 pair_sum_rows(vec2 mine) { return mine; } // one row
#else
shared vec2 shared_pair[COLUMNS_GROUP];

vec2 pair_sum_rows(vec2 mine)
{
    const uint me = gl_LocalInvocationIndex;
    for (uint half_rows = ROWS / 2; half_rows > 0; half_rows /= 2) {
        shared_pair[me] = mine;
        barrier();
        if (row() < half_rows) mine += shared_pair[me + half_rows * LANES];
        barrier();
    }
    return mine;
}
#endif
