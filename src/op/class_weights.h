// SPDX-License-Identifier: MIT
// Weights of classes and smoothed targets, as losses of single pixels have them.
#ifndef OP_CLASS_WEIGHTS_H
#define OP_CLASS_WEIGHTS_H

#include "op/op.h"

// Whether there are any: kernels are built without them otherwise.
static inline uint32_t op_class_weighted(const struct op_attr *attr)
{
    return attr->class_weights > 0 || attr->pos_weights > 0 || attr->label_smoothing != 0;
}

// For infer: there is none, one, or one for each channel of operand 0, and no more than attributes hold.
enum nephos_status op_class_weights_expect(const struct op_infer *info);

#endif
