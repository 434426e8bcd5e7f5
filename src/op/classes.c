// SPDX-License-Identifier: MIT
// Shape rule shared by the operators on logits and targets.
#include "op/classes.h"

#include "op/software.h"

enum nephos_status op_classes_expect(const struct op_infer *info)
{
    if (info->attr->mode > OP_CLASSES_SOFTMAX) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: mode %u is neither 0 (sigmoid) nor 1 (softmax)", info->label,
                         info->attr->mode);
    }
    struct op_shape expected = info->in[0];
    if (op_classes_indexed(info->attr, info->in[0], info->in[1])) expected.c = 1;
    return op_expect_shape(info, 1, "the target", expected);
}

bool op_classes_in_lanes(const struct gpu_limits *limits, const struct op_attr *attr, struct op_shape logits)
{
    const uint32_t lanes = limits->subgroup_size;
    return attr->mode == OP_CLASSES_SIGMOID && logits.c <= lanes && lanes % logits.c == 0 && op_lane_rows_offered(limits, op_count(logits));
}
