// SPDX-License-Identifier: MIT
// unpack_image for training: the image is moved, bent, recoloured and mixed on the way, its target with it. Operands: packed pixels
// {N,H,W,1} as unpack_image takes them, and a record {N,1,1,words} for each image (struct augment_record of shaders/augment.h). A record
// of zeros but for affine = {1,0,0, 0,1,0} gives the bits of unpack_image. Mixup makes targets of fractions, except in mode 2, where the
// larger share has the index. Attributes and results as unpack_image; beside them changes, the flags that are looked at.
#include "augment.h"
#include "op/unpack.h"
#include "shaders.h"

#define RECORD_WORDS (sizeof(struct augment_record) / 4)

static enum nephos_status infer(struct op_infer *info)
{
    return unpack_infer(info, "the records", RECORD_WORDS);
}

static struct augment_push push_of(const struct op_call *call)
{
    const struct op_shape image = call->out[0].shape;
    struct augment_push push = {
        .count = image.h * image.w,
        .height = call->in[0].shape.h,
        .width = call->in[0].shape.w,
        .padded_height = image.h,
        .padded_width = image.w,
        .classes = call->out[1].shape.c,
        .mode = call->attr->mode,
    };
    unpack_normalisation(call->attr, push.scale, push.offset);
    return push;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const struct augment_push push = push_of(call);
    const uint32_t images = call->out[0].shape.n, groups = (push.count - 1) / OP_GROUP_SIZE + 1;
    const uint32_t most = gpu_get_limits(call->gpu)->max_group_count[0], x = groups < most ? groups : most;
    const double pixels = (double)images * push.count;
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->out[0].range, call->out[1].range};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = &shader_augment,
                                    .spec = &call->attr->changes,
                                    .spec_count = 1,
                                    .ranges = ranges,
                                    .range_count = ARRAY_COUNT(ranges),
                                    .push = &push,
                                    .push_size = sizeof push,
                                    .groups = {x, (groups - 1) / x + 1, images},
                                    .flops = 60 * pixels,
                                    .bytes = 4 * pixels + (double)op_bytes(call->out[0].shape) + (double)op_bytes(call->out[1].shape),
                                    .label = call->label,
                                });
}

const struct op op_augment = {.name = "augment", .infer = infer, .record = record};
