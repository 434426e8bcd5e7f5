// SPDX-License-Identifier: MIT
// Operators whose kernel makes one element of output 0 per invocation, from all of their operands.
#ifndef OP_POINTWISE_H
#define OP_POINTWISE_H

#include "op/op.h"

// Records such a kernel: bindings are the operands, then the output; constant 0 says whether to accumulate; push begins with the
// number of elements, which is filled in here.
void op_record_map(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, void *push, uint32_t push_size);

// For elementwise operators (lib/map.glsl): `count` operands of one shape, which is the output's; push struct map_push.
enum nephos_status op_infer_elementwise(struct op_infer *info, uint32_t count);
void op_record_elementwise(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader);
// Gradient rule of activations: operator `backward` makes dx from dy and y.
void op_grad_activation(struct op_grad *g, const char *backward);

#endif
