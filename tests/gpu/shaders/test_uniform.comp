#version 450
// SPDX-License-Identifier: MIT
// x[i] = value * x[i], the value from a uniform buffer, in place
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer x_block { float x[]; };
layout(std140, binding = 1) uniform u_block { float value; uint count; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i < count) x[i] *= value;
}
