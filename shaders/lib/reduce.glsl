// SPDX-License-Identifier: MIT
// Sum over a workgroup as a binary tree through shared memory: the order of additions is fixed, so the bits repeat, and the
// rounding error grows with the logarithm of the group. Every invocation must call it, and gets the total.
//
//     #define REDUCE_SIZE 128              // invocations of the workgroup: a power of two, at most 128
//     #include "lib/reduce.glsl"
//     REDUCE_SUM(vec4, sum_vec4)           // defines vec4 sum_vec4(vec4 value); 16 B of shared memory per invocation
#define REDUCE_SUM(type, name)                             \
    shared type name##_scratch[REDUCE_SIZE];               \
    type name(type value)                                  \
    {                                                      \
        const uint me = gl_LocalInvocationIndex;           \
        name##_scratch[me] = value;                        \
        barrier();                                         \
        for (uint half_size = REDUCE_SIZE / 2; half_size > 0; half_size /= 2) { \
            if (me < half_size) name##_scratch[me] += name##_scratch[me + half_size]; \
            barrier();                                     \
        }                                                  \
        const type total = name##_scratch[0];              \
        barrier();                                         \
        return total;                                      \
    }
