// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/label.glsl"
#include "presence.h"

// y[image][class] = the largest target of the class over the image's pixels: 1 where it is present, less where only a mixture has it.
// One workgroup per class and image.
layout(constant_id = 0) const bool INDEXED = false; // the target is one class index per pixel
layout(push_constant) uniform push_block { presence_push push; };
layout(std430, binding = 0) readonly buffer t_block { float t[]; };  // [image][pixel][class], or [image][pixel] when INDEXED
layout(std430, binding = 1) writeonly buffer y_block { float y[]; }; // [image][class]
shared float scratch[REDUCE_SIZE];

float target_of(uint pixel, uint c)
{
    if (INDEXED) return label_index(t[pixel], push.classes, push.ignore_index) == c ? 1.0 : 0.0;
    return t[pixel * push.classes + c];
}

void main()
{
    const uint c = gl_WorkGroupID.x, image = gl_WorkGroupID.y, me = gl_LocalInvocationIndex;
    float most = 0.0;
    for (uint i = me; i < push.pixels; i += REDUCE_SIZE) most = max(most, target_of(image * push.pixels + i, c));
    scratch[me] = most;
    barrier();
    for (uint half_size = REDUCE_SIZE / 2; half_size > 0; half_size /= 2) {
        if (me < half_size) scratch[me] = max(scratch[me], scratch[me + half_size]);
        barrier();
    }
    if (me == 0) y[image * push.classes + c] = scratch[0];
}
