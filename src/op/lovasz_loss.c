// SPDX-License-Identifier: MIT
// Lovász hinge and Lovász softmax (Berman et al. 2018), of the pixels of the whole batch: per class the errors are sorted, and weighted by
// what each adds to the Jaccard loss. Mean over the classes, with a softmax over those that some pixel has. Outputs the loss, the
// derivative of each class's loss by its logits or probabilities {N,H,W,C}, and the number of classes that count.
// Attributes: mode (enum op_classes_mode), ignore_index.
#include "lovasz_loss.h"
#include "op/classes.h"
#include "op/reduce.h"
#include "shaders.h"
#include "softmax_cross_entropy.h"

static uint32_t pixel_count(struct op_shape logits)
{
    return logits.n * logits.h * logits.w;
}

static uint32_t block_count(uint32_t pixels)
{
    return (pixels + LOVASZ_BLOCK - 1) / LOVASZ_BLOCK;
}

// Scratch memory: sizes in bytes, offsets as every device can bind them.
enum part { PAIRS, SORTED, COUNTS, PARTIAL, SUMS, PART_COUNT };

static uint64_t part_size(struct op_shape logits, enum part part)
{
    const uint64_t pixels = pixel_count(logits), blocks = block_count((uint32_t)pixels);
    const uint64_t sizes[PART_COUNT] = {8 * pixels, 8 * pixels, 4 * (LOVASZ_DIGITS * blocks + 1), 8 * blocks, 8ull * logits.c};
    return sizes[part];
}

static uint64_t part_offset(struct op_shape logits, enum part part)
{
    uint64_t offset = 0;
    for (enum part i = 0; i < part; i++)
        offset += (part_size(logits, i) + 255) / 256 * 256;
    return offset;
}

static struct gpu_range part_range(const struct op_call *call, enum part part)
{
    const struct op_shape logits = call->in[0].shape;
    return op_slice(call->workspace, part_offset(logits, part), part_size(logits, part));
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 2));
    TRY(op_classes_expect(info));
    info->out[0] = info->out[2] = op_scalar();
    info->out[1] = info->in[0];
    info->out[1].type = GPU_FP32;
    info->out_count = 3;
    info->workspace = part_offset(info->in[0], PART_COUNT);
fail:
    return status;
}

static struct lovasz_loss_push push_of(const struct op_call *call)
{
    const uint32_t pixels = pixel_count(call->in[0].shape);
    return (struct lovasz_loss_push){
        .count = pixels,
        .pixels = pixels,
        .classes = call->in[0].shape.c,
        .ignore_index = call->attr->ignore_index,
        .blocks = block_count(pixels),
    };
}

// A kernel with a workgroup for each of `groups` blocks; `bytes` per pixel.
static void dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, uint32_t spec,
                     const struct gpu_range *ranges, uint32_t range_count, const struct lovasz_loss_push *push, uint32_t groups,
                     double bytes)
{
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = shader,
                                                       .spec = &spec,
                                                       .spec_count = 1,
                                                       .ranges = ranges,
                                                       .range_count = range_count,
                                                       .push = push,
                                                       .push_size = sizeof *push,
                                                       .groups = {groups, 1, 1},
                                                       .flops = 10.0 * push->pixels,
                                                       .bytes = bytes * push->pixels,
                                                       .label = call->label});
}

// counts[] of the pairs, summed up.
static void count(struct gpu_stream *stream, const struct op_call *call, struct gpu_range pairs, uint32_t labels,
                  struct lovasz_loss_push *push)
{
    const struct gpu_range ranges[] = {pairs, part_range(call, COUNTS)};
    push->numbers = push->blocks * (labels ? 1 : LOVASZ_DIGITS);
    dispatch(stream, call, &shader_lovasz_count, labels, ranges, 2, push, push->blocks, 8);
    dispatch(stream, call, &shader_lovasz_scan, 0, &ranges[1], 1, push, 1, 0);
}

// An even number of passes: the sorted pairs end where the unsorted ones began.
static void sort(struct gpu_stream *stream, const struct op_call *call, struct lovasz_loss_push *push)
{
    struct gpu_range from = part_range(call, PAIRS), to = part_range(call, SORTED);
    for (push->shift = 0; push->shift < 32; push->shift += 4) {
        const struct gpu_range ranges[] = {from, part_range(call, COUNTS), to};
        count(stream, call, from, 0, push);
        dispatch(stream, call, &shader_lovasz_scatter, 0, ranges, 3, push, push->blocks, 16);
        to = from;
        from = ranges[2];
    }
}

static void record_class(struct gpu_stream *stream, const struct op_call *call, uint32_t class_index)
{
    struct lovasz_loss_push push = push_of(call);
    push.class_index = class_index;
    const uint32_t spec[] = {call->attr->mode, op_classes_indexed(call->attr, call->in[0].shape, call->in[1].shape)};
    const struct gpu_range pairs = part_range(call, PAIRS), partial = part_range(call, PARTIAL);
    const struct gpu_range keys[] = {call->in[0].range, call->in[1].range, pairs};
    op_dispatch_1d(stream, call, &shader_lovasz_keys, spec, ARRAY_COUNT(spec), keys, ARRAY_COUNT(keys), &push, sizeof push, push.pixels,
                   20.0 * push.pixels, 16.0 * push.pixels);
    sort(stream, call, &push);
    count(stream, call, pairs, 1, &push);
    const struct gpu_range weigh[] = {pairs, part_range(call, COUNTS), call->out[1].range, partial};
    dispatch(stream, call, &shader_lovasz_weigh, call->attr->mode, weigh, ARRAY_COUNT(weigh), &push, push.blocks, 12);
}

// The classes' sums stand one behind the other, as what the mean is made of.
static void record(struct gpu_stream *stream, const struct op_call *call)
{
    const uint32_t classes = call->in[0].shape.c, blocks = block_count(pixel_count(call->in[0].shape));
    const struct gpu_range mean[] = {part_range(call, SUMS), call->out[0].range, call->out[2].range};
    const struct softmax_cross_entropy_push rows = {.rows = classes};
    for (uint32_t c = 0; c < classes; c++) {
        record_class(stream, call, c);
        op_reduce_columns_at(stream, call, part_range(call, PARTIAL), blocks, 2, 2 * c, part_range(call, SUMS));
    }
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_mean,
                                                       .ranges = mean,
                                                       .range_count = ARRAY_COUNT(mean),
                                                       .push = &rows,
                                                       .push_size = sizeof rows,
                                                       .groups = {1, 1, 1},
                                                       .flops = classes,
                                                       .bytes = 8.0 * classes,
                                                       .label = call->label});
}

static void grad(struct op_grad *g)
{
    if (!g->want[0] || g->dout[0] == OP_NONE) return;
    g->emit(g, "lovasz_loss_bwd", g->attr, (op_id[]){g->in[0], g->out[1], g->out[2], g->dout[0]}, 4, (int[]){0}, 1, NULL);
}

static double flops(const struct op_call *call)
{
    return 200.0 * (double)op_count(call->in[0].shape);
}

const struct op op_lovasz_loss = {.name = "lovasz_loss", .infer = infer, .record = record, .grad = grad, .flops = flops};

// --- backward: logits, derivatives, classes that count, dloss -> dlogits ----------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 4));
    TRY(op_expect_shape(info, 1, "the derivatives", info->in[0]));
    TRY(op_expect_shape(info, 2, "the number of classes", op_scalar()));
    TRY(op_expect_shape(info, 3, "the loss gradient", op_scalar()));
    info->out[0] = info->in[0];
    info->out_count = 1;
    info->workspace = 4; // dloss / classes: with both, the large kernel would need five storage buffers
fail:
    return status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct lovasz_loss_push push = push_of(call);
    const double elements = (double)op_count(call->in[0].shape);
    const uint32_t spec[] = {call->attr->mode, call->accumulate & 1};
    const struct gpu_range coef[] = {call->in[2].range, call->in[3].range, call->workspace};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_softmax_cross_entropy_coef,
                                                       .ranges = coef,
                                                       .range_count = ARRAY_COUNT(coef),
                                                       .groups = {1, 1, 1},
                                                       .label = call->label});
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->workspace, call->out[0].range};
    op_dispatch_1d(stream, call, &shader_lovasz_loss_bwd, spec, ARRAY_COUNT(spec), ranges, ARRAY_COUNT(ranges), &push, sizeof push,
                   push.pixels, 10.0 * elements, (12.0 + 4.0 * spec[1]) * elements);
}

const struct op op_lovasz_loss_bwd = {.name = "lovasz_loss_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd};
