// SPDX-License-Identifier: MIT
// Variants of convolutions for devices whose subgroup is one SIMD register, by Winograd's algorithm (shaders/lib/winograd4.glsl).
#ifndef OP_CONVOLUTION_WINOGRAD_H
#define OP_CONVOLUTION_WINOGRAD_H

#include "op/op.h"

extern const struct op_variant conv_winograd_forward[]; // of conv2d
extern const struct op_variant conv_winograd_dx[];      // of conv2d_dx
extern const struct op_variant conv_winograd_dw[];      // of conv2d_dw

#endif
