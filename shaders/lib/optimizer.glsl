// SPDX-License-Identifier: MIT
// What optimizers share: parameters, their gradients, and what clip_scale found out about the latter.
layout(std430, binding = 0) buffer p_block { float p[]; };
layout(std430, binding = 1) readonly buffer g_block { float g[]; };
layout(std430, binding = 3) readonly buffer scale_block { float gradient_scale, gradient_norm, is_finite; };
