// SPDX-License-Identifier: MIT
// Logits (N,H,W,C) and targets as region_loss and metrics take them; shaders/lib/classes.glsl reads them.
#ifndef OP_CLASSES_H
#define OP_CLASSES_H

#include "op/op.h"

enum op_classes_mode {
    OP_CLASSES_SIGMOID, // target (N,H,W,C) of 0 and 1: classes do not exclude each other
    OP_CLASSES_SOFTMAX, // target one-hot (a pixel of zeros has no label), or (N,H,W,1) with a class index stored as a float
};

// Whether the target holds indices.
static inline bool op_classes_indexed(const struct op_attr *attr, struct op_shape logits, struct op_shape target)
{
    return attr->mode == OP_CLASSES_SOFTMAX && target.c == 1 && logits.c > 1;
}

// Whether the kernels of lib/lane_classes.glsl can read them: for software devices, where every lane keeps its class.
bool op_classes_in_lanes(const struct gpu_limits *limits, const struct op_attr *attr, struct op_shape logits);

// For infer: checks attr.mode and the shapes of operands 0 (logits) and 1 (target).
enum nephos_status op_classes_expect(const struct op_infer *info);

#endif
