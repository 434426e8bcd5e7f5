#version 450
// SPDX-License-Identifier: MIT
// y[i] = scale * x[i] + offset
layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const float SCALE = 1.0;
layout(push_constant) uniform push_block
{
    uint count;
    float offset;
} push;
layout(std430, binding = 0) readonly buffer x_block { float x[]; };
layout(std430, binding = 1) writeonly buffer y_block { float y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count) y[i] = SCALE * x[i] + push.offset;
}
