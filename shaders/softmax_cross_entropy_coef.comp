// SPDX-License-Identifier: MIT
#version 450
layout(local_size_x = 1) in;

// coef = dloss / count: what every labelled pixel's gradient is multiplied with.
layout(std430, binding = 0) readonly buffer count_block { float count; };
layout(std430, binding = 1) readonly buffer dloss_block { float dloss; };
layout(std430, binding = 2) writeonly buffer coef_block { float coef; };

void main()
{
    coef = count > 0.0 ? dloss / count : 0.0;
}
