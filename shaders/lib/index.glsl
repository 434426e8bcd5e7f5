// SPDX-License-Identifier: MIT
// Flat index of an invocation in a 1-D kernel whose groups may be folded into y (op_dispatch_1d); with HALF, of the first of its two
// elements.
layout(local_size_x = 64) in;

uint flat_index()
{
    const uint i = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
#ifdef HALF
    return 2 * i;
#else
    return i;
#endif
}
