// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#define REDUCE_SIZE 128
layout(local_size_x = REDUCE_SIZE) in;
#include "lib/reduce.glsl"
#include "region_loss.h"
layout(push_constant) uniform push_block { region_loss_push push; };
#include "lib/region.glsl"

// The loss from the sums: mean over the classes, with the focal form to the power of gamma. One workgroup.
layout(std430, binding = 1) writeonly buffer loss_block { float loss; };

void main()
{
    const float mean = mean_loss(labelled_pixels()).x;
    if (gl_LocalInvocationIndex != 0) return;
    if (FORM == REGION_FOCAL_TVERSKY) loss = mean > 0.0 ? pow(mean, push.gamma) : 0.0;
    else loss = mean;
}
