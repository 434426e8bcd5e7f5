// SPDX-License-Identifier: MIT
// slice_c: y = channels mode .. mode + channels - 1 of x. Attributes: mode (first channel), channels.
#include "op/channels.h"

#include "shaders.h"
#include "slice_c.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(op_expect_inputs(info, 1));
    const struct op_shape x = info->in[0];
    const uint32_t first = info->attr->mode, width = info->attr->channels;
    if (!width || first >= x.c || width > x.c - first)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u channels from channel %u on are not within the operand's %u", info->label, width,
             first, x.c);
    info->out_count = 1;
    info->out[0] = (struct op_shape){x.n, x.h, x.w, width};
fail:
    return status;
}

void op_record_slice_c(struct gpu_stream *stream, const struct op_call *call, const struct op_tensor *x, uint32_t x_first,
                       const struct op_tensor *y, uint32_t y_first, uint32_t width)
{
    const uint64_t count = op_count(x->shape) / x->shape.c * width;
    const uint32_t accumulate = call->accumulate & 1;
    const struct slice_c_push push = {(uint32_t)count, width, x->shape.c, x_first, y->shape.c, y_first};
    const struct gpu_range ranges[] = {x->range, y->range};
    op_dispatch_1d(stream, call, &shader_slice_c, &accumulate, 1, ranges, ARRAY_COUNT(ranges), &push, sizeof push, count, (double)count,
                   (8.0 + 4.0 * accumulate) * (double)count);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_slice_c(stream, call, &call->in[0], call->attr->mode, &call->out[0], 0, call->attr->channels);
}

const struct op op_slice_c = {.name = "slice_c", .flags = OP_ACCUMULATES, .infer = infer, .record = record};
