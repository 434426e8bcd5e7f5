// SPDX-License-Identifier: MIT
// Gradient of a bias: dy {n, h, w, c} to db {c}, the sum over all pixels. No attributes. The pixels are summed in parts first.
#include "op/slices.h"

#include "op/software.h"

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

// dy as rows of whole vectors: with few channels several pixels make a row, and a row of sums is as many rows of sums of a pixel.
struct vectors {
    uint32_t pixels; // in a row
    uint32_t rows, columns, part, parts;
};

static struct vectors vectors_of(struct op_shape dy, uint32_t lanes)
{
    struct vectors v = {.pixels = dy.c < lanes ? lanes / dy.c : 1};
    v.rows = pixel_count(dy) / v.pixels;
    v.columns = dy.c * v.pixels;
    v.part = part_size(v.rows);
    v.parts = (v.rows - 1) / v.part + 1;
    return v;
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    const struct op_shape dy = info->in[0];
    const uint32_t lanes = info->limits->subgroup_size;
    if (dy.c < lanes && (lanes % dy.c || pixel_count(dy) % (lanes / dy.c))) return false;
    const struct vectors v = vectors_of(dy, lanes);
    needs->workspace = 4ull * v.parts * v.columns;
    return op_columns_software(info->limits, (struct op_shape){1, 1, v.rows, v.columns});
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape dy = call->in[0].shape;
    const struct vectors v = vectors_of(dy, gpu_get_limits(call->gpu)->subgroup_size);
    const struct gpu_range partial = op_slice(call->workspace, 0, 4ull * v.parts * v.columns);
    const uint32_t rows = v.parts * v.pixels;
    op_slice_sum_software(stream, call, call->in[0].range, v.rows, v.columns, v.part, partial, false);
    op_slice_sum_software(stream, call, partial, rows, dy.c, rows, call->out[0].range, call->accumulate & 1);
}

const struct op op_bias_grad = {
    .name = "bias_grad",
    .flags = OP_ACCUMULATES,
    .half_in = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
};
