// SPDX-License-Identifier: MIT
// Convolutions with cooperative matrices (shaders/lib/gemm_matrix.glsl), as variants of the three operators. Operands are rounded to
// halves, sums are single precision.
#ifndef OP_CONVOLUTION_MATRIX_H
#define OP_CONVOLUTION_MATRIX_H

#include "op/convolution.h"

#ifdef NEPHOS_HAS_MATRIX

// Halves have 11 bits: rounding an operand moves it by up to 2^-11 of itself, or 2^-10 on a device that truncates, and a product by up
// to twice that. Over a sum such errors add up like a random walk, as the sum itself does, so that relative to the largest result
// they don't grow.
#define CONV_MATRIX_ERROR (1.0 / 512)

// Whether the device can run any of them.
bool conv_matrix_usable(const struct gpu_limits *limits);

#define CONV_MATRIX_TILES(X) X(large) X(square) X(narrow)
#define CONV_MATRIX_DECLARE(tile)                                                                                  \
    bool conv_matrix_offer_forward_##tile(const struct op_infer *info, struct op_needs *needs);                    \
    bool conv_matrix_offer_dx_##tile(const struct op_infer *info, struct op_needs *needs);                         \
    bool conv_matrix_offer_dw_##tile(const struct op_infer *info, struct op_needs *needs);                         \
    void conv_matrix_record_forward_##tile(struct gpu_stream *stream, const struct op_call *call);                 \
    void conv_matrix_record_dx_##tile(struct gpu_stream *stream, const struct op_call *call);                      \
    void conv_matrix_record_dw_##tile(struct gpu_stream *stream, const struct op_call *call);
CONV_MATRIX_TILES(CONV_MATRIX_DECLARE)

#define CONV_MATRIX_VARIANT(pass, tile)                                                                            \
    {                                                                                                              \
        .name = "matrix-" #tile, .family = OP_FAMILY_MATRIX, .error = CONV_MATRIX_ERROR,                           \
        .offer = conv_matrix_offer_##pass##_##tile, .record = conv_matrix_record_##pass##_##tile,                  \
    },
// Rows of such tables.
#define CONV_MATRIX_VARIANTS(pass) CONV_MATRIX_VARIANT(pass, large) CONV_MATRIX_VARIANT(pass, square) CONV_MATRIX_VARIANT(pass, narrow)

#else
static inline bool conv_matrix_usable(const struct gpu_limits *limits)
{
    (void)limits;
    return false;
}
#define CONV_MATRIX_VARIANTS(pass)
#endif

// Tables of variants: conv2d and linear; conv2d_dx and conv_transpose2d; conv2d_dw. Empty where the build has no such kernels.
extern const struct op_variant conv_matrix_forward[], conv_matrix_dx[], conv_matrix_dw[];

#endif
