// SPDX-License-Identifier: MIT
// The prologue of convolutions (conv2d, conv2d_dw): attr.prologue says that operand x is the input of a batch norm, whose result is what
// the convolution is of; its statistics saved {1, 1, 4, c} are a further operand. Padding is zero, as always. Kernels that don't
// normalise while they load get x normalised in the workspace.
#ifndef OP_PROLOGUE_H
#define OP_PROLOGUE_H

#include "op/op.h"

enum op_prologue { // attr.prologue
    OP_PROLOGUE_NONE,
    OP_PROLOGUE_NORM,
    OP_PROLOGUE_NORM_RELU,
};

// For infer, when everything else is known: operand `saved` is there if the attribute says so, and fits. Adds to the workspace.
enum nephos_status op_prologue_infer(struct op_infer *info, uint32_t saved);
// What is left to compute where there is no prologue in the kernels: records one pass over x where there is one to be done, and gives a
// call without; *attr becomes its attributes.
struct op_call op_prologue_record(struct gpu_stream *stream, const struct op_call *call, uint32_t saved, struct op_attr *attr);

#endif
