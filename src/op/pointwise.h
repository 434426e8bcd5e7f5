// SPDX-License-Identifier: MIT
// Elementwise operators (shaders/lib/map.glsl).
#ifndef OP_POINTWISE_H
#define OP_POINTWISE_H

#include "op/op.h"

// `count` operands of one shape, which is the output's.
enum nephos_status op_infer_elementwise(struct op_infer *info, uint32_t count);
// Bindings are the operands, then the output; attr.alpha is the kernel's coefficient.
void op_record_elementwise(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader);
// The same for a kernel with SOFTWARE, and whether it can be recorded.
void op_record_elementwise_software(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader);
bool op_offer_elementwise(const struct op_infer *info, struct op_needs *needs);
// Gradient rule of activations: operator `backward` makes dx from dy and y.
void op_grad_activation(struct op_grad *g, const char *backward);

#endif
