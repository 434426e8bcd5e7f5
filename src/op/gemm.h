// SPDX-License-Identifier: MIT
// Convolutions on GPUs as matrix products with tiles in shared memory (shaders/lib/gemm.glsl): one variant per tile shape.
#ifndef OP_GEMM_H
#define OP_GEMM_H

#include "op/convolution.h"

struct gemm_shape {
    uint32_t m, n, k;   // a tile of the product, and a slice of the sum
    uint32_t tm, tn;    // of an invocation; with matrices of a subgroup, counted in matrices
    struct gpu_matrix matrix; // all zero: the product is computed without
    enum gpu_type factor;   // with matrices: what they are made of
    uint32_t subgroup;        // with matrices: invocations
    uint32_t least_rows, least_columns, most_columns; // with matrices: of products it is offered for; 0: any number
};
uint32_t gemm_invocations(const struct gemm_shape *shape);

// The shaders of a pass; NULL: not built.
struct gemm_shaders {
    const struct gpu_shader *plain, *matrix[GPU_TYPES];
};
#ifdef NEPHOS_HAS_MATRIX
#define GEMM_FP16_SHADER(pass) &shader_##pass##_matrix
#else
#define GEMM_FP16_SHADER(pass) NULL
#endif
#ifdef NEPHOS_HAS_BF16
#define GEMM_BF16_SHADER(pass) &shader_##pass##_matrix_bf16
#else
#define GEMM_BF16_SHADER(pass) NULL
#endif
#define GEMM_SHADERS(pass) {&shader_##pass##_gemm, {[GPU_FP16] = GEMM_FP16_SHADER(pass), [GPU_BF16] = GEMM_BF16_SHADER(pass)}}

// What one dispatch does; p's tiles are filled in.
struct gemm_dispatch {
    const struct gemm_shaders *shaders;
    const struct gemm_shape *shape;
    struct conv2d_push p;
    struct conv_product product;
    bool accumulate, relu, out_vec;
    const uint32_t *spec; // behind those of gemm.glsl
    uint32_t spec_count;
    const struct gpu_range *ranges;
    uint32_t range_count;
};
void gemm_record(struct gpu_stream *stream, const struct op_call *call, struct gemm_dispatch *d);
// Whether the device can compute with tiles of this shape at all.
bool gemm_fits(const struct gpu_limits *limits, const struct gemm_shape *shape);
// Whether the device can, and the product has a use for tiles of this shape.
bool gemm_suits(const struct gpu_limits *limits, const struct gemm_shape *shape, const struct conv_product *product);
uint64_t gemm_tiles(const struct gemm_shape *shape, const struct conv_product *product);

// Of a gathered x: what the kernels' constant UP says; and whether they can load it, in vectors of 4 channels of one tensor.
static inline uint32_t gemm_up(const struct conv2d_push *p) { return p->up > 1 || p->skip_c ? p->up : 0; }
static inline bool gemm_gathers(const struct conv2d_push *p) { return gemm_up(p) == 0 || (p->xc % 4 == 0 && p->skip_c % 4 == 0); }

// What the variants do, for each shape.
bool gemm_offer_forward(const struct gemm_shape *shape, const struct op_infer *info, struct op_needs *needs);
bool gemm_offer_dx(const struct gemm_shape *shape, const struct op_infer *info, struct op_needs *needs);
bool gemm_offer_dw(const struct gemm_shape *shape, const struct op_infer *info, struct op_needs *needs);
void gemm_record_forward(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call);
void gemm_record_dx(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call);
void gemm_record_dw(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call);

// Tables of variants.
extern const struct op_variant gemm_forward[], gemm_dx[], gemm_dw[];

#endif
