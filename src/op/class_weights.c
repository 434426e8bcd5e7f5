// SPDX-License-Identifier: MIT
#include "op/class_weights.h"

static enum nephos_status expect(const struct op_infer *info, const char *what, uint32_t count, uint32_t most)
{
    const uint32_t classes = info->in[0].c;
    if (count > 1 && count != classes)
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u %s for %u classes; give one, or one per class", info->label, count, what,
                         classes);
    if (count <= most) return NEPHOS_OK;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u %s; at most %u classes can have their own here", info->label, count, what,
                     most);
}

enum nephos_status op_class_weights_expect(const struct op_infer *info)
{
    const enum nephos_status status =
        expect(info, "class weights", info->attr->class_weights, info->attr->pos_weights ? OP_MAX_POS_WEIGHTS : OP_MAX_CLASS_WEIGHTS);
    return status == NEPHOS_OK ? expect(info, "positive weights", info->attr->pos_weights, OP_MAX_POS_WEIGHTS) : status;
}
