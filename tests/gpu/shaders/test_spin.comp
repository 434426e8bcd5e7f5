#version 450
// SPDX-License-Identifier: MIT
// Work of a chosen length: x[i] goes through `rounds` steps of a linear congruential generator.
layout(local_size_x = 64) in;
layout(push_constant) uniform push_block { uint rounds; } push;
layout(std430, binding = 0) buffer x_block { uint x[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint value = x[i];
    for (uint n = 0; n < push.rounds; n++) value = value * 1664525u + 1013904223u;
    x[i] = value;
}
