// SPDX-License-Identifier: MIT
// concat: two or three tensors one after the other along C. The gradients are slices of dy.
#include "op/channels.h"
#include "op/software.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    if (info->in_count < 2 || info->in_count > 3)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: joins 2 or 3 operands, got %u", info->label, info->in_count);
    TRY(op_expect_inputs(info, info->in_count));
    struct op_shape y = info->in[0];
    for (uint32_t i = 1; i < info->in_count; i++) {
        TRY(op_expect_shape(info, i, "an operand", (struct op_shape){y.n, y.h, y.w, info->in[i].c}));
        y.c += info->in[i].c;
    }
    TRY(op_check_count(info, y));
    info->out_count = 1;
    info->out[0] = y;
fail:
    return status;
}

static void record_by(struct gpu_stream *stream, const struct op_call *call,
                      void (*copy)(struct gpu_stream *, const struct op_call *, struct op_channels))
{
    uint32_t first = 0;
    for (uint32_t i = 0; i < call->in_count; i++) {
        const uint32_t width = call->in[i].shape.c;
        copy(stream, call, (struct op_channels){&call->in[i], &call->out[0], 0, first, width});
        first += width;
    }
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    record_by(stream, call, op_record_slice_c);
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    for (uint32_t i = 0; i < info->in_count; i++) {
        if (!op_offer_slice_c(info->limits, info->in[i], info->in[i].c)) return false;
    }
    return true;
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    record_by(stream, call, op_record_slice_c_software);
}

static void grad(struct op_grad *g)
{
    uint32_t first = 0;
    for (uint32_t i = 0; i < g->in_count; i++) {
        const struct op_attr attr = {.mode = first, .channels = g->in_shape[i].c};
        if (g->want[i]) g->emit(g, "slice_c", &attr, (const op_id[]){g->dout[0]}, 1, (const int[]){(int)i}, 1, NULL);
        first += g->in_shape[i].c;
    }
}

const struct op op_concat = {
    .name = "concat",
    .flags = OP_CHEAP,
    .half_in = 1 | 1 << 1 | 1 << 2,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
    .grad = grad,
};
