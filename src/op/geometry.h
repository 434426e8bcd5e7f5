// SPDX-License-Identifier: MIT
// Operators that map pixels of x to pixels of y (pooling, upsampling, cropping), with one geometry for both passes. Their backward
// operators find the height and width of x in attr.size.
#ifndef OP_GEOMETRY_H
#define OP_GEOMETRY_H

#include "op/op.h"

// For infer: output 0 has the batch and channels of operand 0 and this size.
enum nephos_status op_spatial_output(struct op_infer *info, uint32_t h, uint32_t w);
// Windows per axis h (0) or w (1) of a pooling with these attributes over `size` elements. The stride 0 stands for the kernel's size.
enum nephos_status op_pool_windows(const struct op_infer *info, int axis, uint32_t size, uint32_t *windows);
// infer of a pooling, and of its backward operator: operand `dy` must have as many windows as attr.size gives.
enum nephos_status op_infer_pool(struct op_infer *info);
enum nephos_status op_infer_pool_bwd(struct op_infer *info, uint32_t dy);
// Records a kernel of lib/spatial.glsl, which was compiled with SOFTWARE or not. Where y has more channels than x, only the first of
// them are made or read.
void op_record_spatial_fwd(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, bool software);
void op_record_spatial_bwd(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, bool software);
// Whether such a kernel with SOFTWARE can make output 0.
bool op_offer_spatial(const struct op_infer *info, struct op_needs *needs);
// Attributes of the backward node: those of the node, and the size of x.
struct op_attr op_spatial_bwd_attr(const struct op_grad *g);
// Gradient rule of operators that are linear in x: `backward` makes dx from dy.
void op_grad_spatial(struct op_grad *g, const char *backward);

#endif
