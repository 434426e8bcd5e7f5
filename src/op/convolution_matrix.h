// SPDX-License-Identifier: MIT
// Convolutions with cooperative matrices (shaders/lib/gemm_matrix.glsl), as variants of the operators. Operands are rounded to halves or
// to bf16, sums are single precision.
#ifndef OP_CONVOLUTION_MATRIX_H
#define OP_CONVOLUTION_MATRIX_H

#include "op/op.h"

// Tables of variants; empty where the shader compiler can't build the kernels.
extern const struct op_variant conv_matrix_forward[]; // of conv2d and linear
extern const struct op_variant conv_matrix_dx[];      // of conv2d_dx and conv_transpose2d
extern const struct op_variant conv_matrix_dw[];      // of conv2d_dw

// Whether this build has them with operands of that kind; and whether the device can run any of those.
bool conv_matrix_built(enum gpu_type factor);
bool conv_matrix_usable(const struct gpu_limits *limits, enum gpu_type factor);

#endif
