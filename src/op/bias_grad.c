// SPDX-License-Identifier: MIT
// Gradient of a bias: dy {n, h, w, c} to db {c}, the sum over all pixels. No attributes. The pixels are summed in parts first.
#include "op/slices.h"

// Pixels per part: the same on every device. At most 1024 parts, so that the second pass stays short.
static uint32_t part_size(uint32_t pixels)
{
    const uint32_t part = (pixels + 1023) / 1024;
    return part > 64 ? part : 64;
}

static uint32_t pixel_count(struct op_shape dy)
{
    return dy.n * dy.h * dy.w;
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 1));
    const struct op_shape dy = info->in[0];
    if (op_bytes(dy) > info->limits->max_binding_size) {
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT,
             "%s: a gradient of %ux%ux%ux%u (NHWC) exceeds the %llu bytes a kernel may bind; use a smaller batch", info->label, dy.n, dy.h,
             dy.w, dy.c, (unsigned long long)info->limits->max_binding_size);
    }
    const uint32_t pixels = pixel_count(dy), part = part_size(pixels);
    info->out[0] = op_vector(dy.c);
    info->out_count = 1;
    info->workspace = (uint64_t)((pixels + part - 1) / part) * 4 * dy.c;
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape dy = call->in[0].shape;
    const uint32_t pixels = pixel_count(dy), part = part_size(pixels), parts = (pixels + part - 1) / part;
    const struct gpu_range partial = op_slice(call->workspace, 0, (uint64_t)parts * 4 * dy.c);
    op_slice_sum(stream, call, call->in[0].range, pixels, dy.c, part, partial, false);
    op_slice_sum(stream, call, partial, parts, dy.c, parts, call->out[0].range, call->accumulate & 1);
}

const struct op op_bias_grad = {.name = "bias_grad", .flags = OP_ACCUMULATES, .infer = infer, .record = record};
