#version 460
// SPDX-License-Identifier: MIT
// y[i] = x[i] + offset, with buffers taken by pointer.
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 64) in;
layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer source { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer target { float v[]; };
layout(push_constant) uniform push_block
{
    source x;
    target y;
    uint count;
    float offset;
} push;

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count) push.y.v[i] = push.x.v[i] + push.offset;
}
