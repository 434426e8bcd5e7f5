// SPDX-License-Identifier: MIT
// unpack_image for training: the image is moved, bent, recoloured and mixed on the way, its target with it. Operands: packed pixels
// {N,H,W,1} as unpack_image takes them, and a record {N,1,1,words} for each image (struct augment_record of shaders/augment.h). A record
// of zeros but for affine = {1,0,0, 0,1,0} gives the bits of unpack_image. Mixup makes targets of fractions, except in mode 2, where the
// larger share has the index. Attributes and results as unpack_image.
#include "augment.h"
#include "op/unpack.h"
#include "shaders.h"

#define RECORD_WORDS (sizeof(struct augment_record) / 4)

static enum nephos_status infer(struct op_infer *info)
{
    return unpack_infer(info, "the records", RECORD_WORDS);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    struct augment_push push = {
        .count = (uint32_t)(op_count(call->out[0].shape) / 3),
        .height = call->in[0].shape.h,
        .width = call->in[0].shape.w,
        .padded_height = call->out[0].shape.h,
        .padded_width = call->out[0].shape.w,
        .classes = call->out[1].shape.c,
        .mode = call->attr->mode,
    };
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->out[0].range, call->out[1].range};
    unpack_normalisation(call->attr, push.scale, push.offset);
    op_dispatch_1d(stream, call, &shader_augment, NULL, 0, ranges, ARRAY_COUNT(ranges), &push, sizeof push, push.count, 60.0 * push.count,
                   4.0 * push.count + (double)op_bytes(call->out[0].shape) + (double)op_bytes(call->out[1].shape));
}

const struct op op_augment = {.name = "augment", .infer = infer, .record = record};
