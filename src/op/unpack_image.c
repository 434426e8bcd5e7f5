// SPDX-License-Identifier: MIT
// From what the loader uploads to what the network reads: packed pixels {N,H,W,1} (words R | G << 8 | B << 16 | labels << 24) and
// flags {N,1,1,1} (words; bit 0 flips left and right, bit 1 top and bottom) become the image {N,Hp,Wp,3}, normalised by mean and
// std and padded at the right and the bottom with its edge, and the target {N,H,W,channels}, or {N,H,W,1} in mode 2.
// Attributes: size (Hp, Wp; 0: H, W), mean, std, channels, mode (0: the labels are bits, 1: an index made one-hot, where 255
// gives zeros, 2: an index kept as it is).
#include "op/unpack.h"
#include "shaders.h"
#include "unpack_image.h"

static enum nephos_status check_attributes(const struct op_infer *info)
{
    const struct op_attr *attr = info->attr;
    const uint32_t most = attr->mode == UNPACK_BITS ? 8 : 255;
    if (attr->mode > UNPACK_INDEX) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: mode %u is not 0, 1 or 2", info->label, attr->mode);
    }
    if (attr->mode != UNPACK_INDEX && (attr->channels == 0 || attr->channels > most)) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u classes do not fit a label byte, which holds 1 to %u", info->label,
                         attr->channels, most);
    }
    for (int c = 0; c < 3; c++) {
        if (attr->std[c] > 0) continue;
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: the standard deviation of colour %d is %g, must be positive", info->label,
                         c, (double)attr->std[c]);
    }
    return NEPHOS_OK;
}

enum nephos_status unpack_infer(struct op_infer *info, const char *second, uint32_t words)
{
    enum nephos_status status;
    const struct op_attr *attr = info->attr;
    const struct op_shape packed = info->in[0];
    TRY(op_expect_inputs(info, 2));
    TRY(op_expect_shape(info, 0, "the packed image", (struct op_shape){packed.n, packed.h, packed.w, 1}));
    TRY(op_expect_shape(info, 1, second, (struct op_shape){packed.n, 1, 1, words}));
    TRY(check_attributes(info));
    info->out[0] = (struct op_shape){packed.n, attr->size[0] ? attr->size[0] : packed.h, attr->size[1] ? attr->size[1] : packed.w, 3};
    info->out[1] = (struct op_shape){packed.n, packed.h, packed.w, attr->mode == UNPACK_INDEX ? 1 : attr->channels};
    info->out_count = 2;
    if (info->out[0].h < packed.h || info->out[0].w < packed.w) {
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: the padded size %ux%u is below the image's %ux%u", info->label, info->out[0].h,
             info->out[0].w, packed.h, packed.w);
    }
    TRY(op_check_count(info, info->out[0]));
    TRY(op_check_count(info, info->out[1]));
fail:
    return status;
}

void unpack_normalisation(const struct op_attr *attr, float scale[3], float offset[3])
{
    for (int c = 0; c < 3; c++) {
        const double deviation = (double)attr->std[c];
        scale[c] = (float)(1 / (255 * deviation));
        offset[c] = (float)(-(double)attr->mean[c] / deviation);
    }
}

static enum nephos_status infer(struct op_infer *info)
{
    return unpack_infer(info, "the flags", 1);
}

static struct unpack_image_push push_of(const struct op_call *call)
{
    struct unpack_image_push push = {
        .height = call->in[0].shape.h,
        .width = call->in[0].shape.w,
        .padded_height = call->out[0].shape.h,
        .padded_width = call->out[0].shape.w,
        .classes = call->out[1].shape.c,
        .mode = call->attr->mode,
    };
    unpack_normalisation(call->attr, push.scale, push.offset);
    return push;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    struct unpack_image_push push = push_of(call);
    for (int i = 0; i < 2; i++) {
        const struct op_tensor *out = &call->out[i];
        const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, out->range};
        push.count = (uint32_t)(op_count(out->shape) / out->shape.c);
        op_dispatch_1d(stream, call, i == 0 ? &shader_unpack_image_colour : &shader_unpack_image_target, NULL, 0, ranges,
                       ARRAY_COUNT(ranges), &push, sizeof push, push.count, 10.0 * push.count,
                       4.0 * push.count + (double)op_bytes(out->shape));
    }
}

const struct op op_unpack_image = {.name = "unpack_image", .infer = infer, .record = record};
