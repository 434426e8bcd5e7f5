// SPDX-License-Identifier: MIT
// slice_c: y = channels mode .. mode + channels - 1 of x. Attributes: mode (first channel), channels.
#include "op/channels.h"
#include "op/software.h"

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

static struct slice_c_push make_push(struct op_channels c)
{
    const uint64_t count = op_count(c.x->shape) / c.x->shape.c * c.width;
    return (struct slice_c_push){(uint32_t)count, c.width, c.x->shape.c, c.x_first, c.y->shape.c, c.y_first, 0};
}

void op_record_slice_c(struct gpu_stream *stream, const struct op_call *call, struct op_channels channels)
{
    const struct slice_c_push push = make_push(channels);
    const uint32_t accumulate = call->accumulate & 1;
    const struct gpu_range ranges[] = {channels.x->range, channels.y->range};
    op_dispatch_1d(stream, call, &shader_slice_c, &accumulate, 1, ranges, ARRAY_COUNT(ranges), &push, sizeof push, push.count,
                   (double)push.count, (8.0 + 4.0 * accumulate) * (double)push.count);
}

bool op_offer_slice_c(const struct gpu_limits *limits, struct op_shape shape, uint32_t width)
{
    return op_columns_software(limits, (struct op_shape){shape.n, shape.h, shape.w, width});
}

void op_record_slice_c_software(struct gpu_stream *stream, const struct op_call *call, struct op_channels channels)
{
    struct slice_c_push push = make_push(channels);
    const uint32_t pixels = push.count / push.width;
    const struct gpu_range ranges[] = {channels.x->range, channels.y->range};
    push.chunk = op_columns_chunk_software(pixels, push.width, OP_COLUMNS_MOST);
    op_dispatch_columns(stream, call, &(struct op_columns){
                                          .shader = &shader_slice_c_software,
                                          .variant = call->accumulate & 1,
                                          .software = true,
                                          .pairs = !((push.x_channels | push.x_first | push.y_channels | push.y_first) % 2),
                                          .accumulates = call->accumulate & 1,
                                          .ranges = ranges,
                                          .range_count = ARRAY_COUNT(ranges),
                                          .push = &push,
                                          .push_size = sizeof push,
                                          .channels = push.width,
                                          .y = (pixels - 1) / push.chunk + 1,
                                          .z = 1,
                                          .flops = (double)push.count,
                                      });
}

static struct op_channels channels_of(const struct op_call *call)
{
    return (struct op_channels){&call->in[0], &call->out[0], call->attr->mode, 0, call->attr->channels};
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_slice_c(stream, call, channels_of(call));
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return op_offer_slice_c(info->limits, info->in[0], info->attr->channels);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_slice_c_software(stream, call, channels_of(call));
}

const struct op op_slice_c = {
    .name = "slice_c",
    .flags = OP_ACCUMULATES | OP_CHEAP,
    .half_in = 1,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
};
