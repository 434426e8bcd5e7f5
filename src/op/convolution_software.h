// SPDX-License-Identifier: MIT
// Convolutions for devices whose subgroup is one SIMD register (shaders/lib/lanes.glsl), as variants of the operators.
#ifndef OP_CONVOLUTION_SOFTWARE_H
#define OP_CONVOLUTION_SOFTWARE_H

#include "op/op.h"

extern const struct op_variant conv_software_forward[]; // of conv2d and linear
extern const struct op_variant conv_software_dx[];      // of conv2d_dx and conv_transpose2d
extern const struct op_variant conv_software_dw[];      // of conv2d_dw

// Whether the kernels apply to this device at all.
static inline bool conv_software_runs(const struct gpu_limits *limits)
{
    return limits->software && limits->addresses && (limits->subgroup_size == 8 || limits->subgroup_size == 16);
}

// Dispatches so many workgroups, which are folded into y where they are more than x may have; the label is that of the call. Kernels
// have to expect a last row that is not full.
void conv_software_dispatch(struct gpu_stream *stream, const struct op_call *call, struct gpu_dispatch dispatch, uint64_t groups);

#endif
