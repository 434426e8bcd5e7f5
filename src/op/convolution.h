// SPDX-License-Identifier: MIT
// What the convolution operators share: their geometry, the choice of tiles, and the recording of the kernels.
//
// A convolution relates x and y through weights w of shape {yc, kh, kw, xc / groups}. conv2d and linear read x and write y,
// conv2d_dx and conv_transpose2d read y and write x, conv2d_dw reads both. Attributes: kernel, stride, pad, dilation, groups,
// where 0 means 1 (pad: 0), and size (h, w of x) where x is written.
#ifndef OP_CONVOLUTION_H
#define OP_CONVOLUTION_H

#include "conv2d.h"
#include "op/op.h"

// For infer: operands 0 and 1, and up to `most` operands in all, of which those behind are optional.
enum nephos_status conv_expect_operands(const struct op_infer *info, uint32_t most);
// For infer, once out[0] is known: a bias in operand 2 has its channels, and out[0] is small enough for 32-bit indices.
enum nephos_status conv_check_output(const struct op_infer *info);
// For infer: x, w and attributes fit each other; what y then is.
enum nephos_status conv_check(const struct op_infer *info, struct op_shape x, struct op_shape w, struct op_shape *y);
// For infer: y is what a convolution of x with w gives.
enum nephos_status conv_check_pair(const struct op_infer *info, struct op_shape x, struct op_shape w, struct op_shape y);

// The input of a convolution that gathers it (attr.upsample): x enlarged, then the channels of skip (all zero: none).
struct op_shape conv_gathered(const struct op_attr *attr, struct op_shape x, struct op_shape skip);
// For infer: operands 0 and `skip` (which may be absent) make *gathered.
enum nephos_status conv_check_gather(const struct op_infer *info, uint32_t skip, struct op_shape *gathered);

// For infer: one image of this geometry fits what a kernel may bind.
enum nephos_status conv_check_binding(const struct op_infer *info, const struct conv2d_push *p);

// Of checked operands; tiles are not chosen yet. The second is of a convolution that gathers its input.
struct conv2d_push conv_geometry(const struct op_attr *attr, struct op_shape x, struct op_shape w, struct op_shape y);
struct conv2d_push conv_gather_geometry(const struct op_attr *attr, struct op_shape x, struct op_shape skip, struct op_shape w,
                                        struct op_shape y);
double conv_geometry_flops(const struct conv2d_push *p);

// Whether the kernels with loads of 4 channels apply.
bool conv_vectorizes(const struct conv2d_push *p);
// Most images one dispatch may take, so that neither x nor y exceeds what the device can bind, and each part starts aligned; 0: none.
uint32_t conv_images_per_dispatch(const struct gpu_limits *limits, const struct conv2d_push *p);

// A convolution as matrix products: `count` of them, of rows x columns elements, each a sum of `depth` products.
struct conv_product {
    uint64_t rows, columns, depth, count;
};
// What one invocation computes: m x n elements of a product.
struct conv_tile {
    uint32_t local; // invocations per workgroup
    uint32_t m, n;
};
struct conv_tile conv_choose_tile(const struct gpu_limits *limits, const struct conv_product *product);
// Parts into which conv2d_dw divides its sum, each of which counts as a product.
uint32_t conv_choose_splits(const struct gpu_limits *limits, const struct conv2d_push *p, struct conv_product *product);

// What kernels of lib/conv2d_pixels.glsl do with their third operand.
enum conv_extra {
    CONV_EXTRA_NONE,
    CONV_EXTRA_BIAS,
    CONV_EXTRA_RESIDUAL,
    CONV_EXTRA_SKIP, // also kernels of lib/conv2d_weights.glsl
};
struct conv_options {
    bool accumulate;
    enum conv_extra extra;
    bool relu;
};
// Chooses the tile, fills in m_tiles, n_tiles and tiles, and records the kernel.
void conv_dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, struct conv2d_push *p,
                   const struct conv_product *product, struct conv_options options, const struct gpu_range *ranges,
                   uint32_t range_count);

// From x = in[0] to y = out[0], with weights in[1] and the optional operands of conv2d.
void conv_record_forward(struct gpu_stream *stream, const struct op_call *call);
double conv_flops_forward(const struct op_call *call);
// From y = in[0] to x = out[0], with weights in[1] and an optional bias in[2].
void conv_record_dx(struct gpu_stream *stream, const struct op_call *call);
double conv_flops_dx(const struct op_call *call);

// Gradient rule of conv2d and linear.
void conv_grad(struct op_grad *g);

#endif
