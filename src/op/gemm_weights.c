// SPDX-License-Identifier: MIT
// The gradient of the weights with tiles in shared memory (shaders/lib/gemm_weights.glsl), its sum over pixels in parts.
#include "op/gemm.h"
#include "op/slices.h"

#include "shaders.h"

static const struct gemm_shaders shaders = GEMM_SHADERS(conv2d_dw);

// Enough tiles for large devices; and a part of fewer slices than these spends its time on the ends.
enum { WANTED_TILES = 1024, LEAST_SLICES = 16 };
static const uint64_t most_workspace = 32 << 20;

static struct conv_product product_of(const struct conv2d_push *p)
{
    return (struct conv_product){
        .rows = p->yc / p->groups,
        .columns = (uint64_t)p->kh * p->kw * (p->xc / p->groups),
        .depth = (uint64_t)p->n * p->yh * p->yw,
        .count = p->groups,
    };
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint32_t choose_splits(const struct gpu_limits *limits, const struct gemm_shape *shape, const struct conv2d_push *p)
{
    const struct conv_product product = product_of(p);
    const uint64_t room = least(most_workspace, limits->max_binding_size) / (4 * product.rows * product.columns * product.count);
    const uint64_t tiles = gemm_tiles(shape, &product), wanted = (WANTED_TILES + tiles - 1) / tiles;
    const uint64_t splits = least(least(wanted, room), product.depth / (LEAST_SLICES * shape->k));
    return splits ? (uint32_t)splits : 1;
}

enum { SKIP = 2, SAVED }; // operands

bool gemm_offer_dw(const struct gemm_shape *shape, const struct op_infer *info, struct op_needs *needs)
{
    const bool has_skip = info->in_count > SKIP && info->present[SKIP];
    const struct conv2d_push p = conv_gather_geometry(info->attr, info->in[0], has_skip ? info->in[SKIP] : (struct op_shape){0},
                                                      info->out[0], info->in[1]);
    const struct conv_product product = product_of(&p);
    const uint32_t splits = choose_splits(info->limits, shape, &p);
    needs->workspace = splits > 1 ? splits * op_bytes(info->out[0]) : 0;
    return gemm_gathers(&p) && gemm_suits(info->limits, shape, &product);
}

static void record_part(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call, const struct conv2d_push *p,
                        const struct gpu_range *ranges, bool accumulate)
{
    struct conv_product product = product_of(p);
    product.count *= p->splits;
    gemm_record(stream, call, &(struct gemm_dispatch){
                                  .shaders = &shaders,
                                  .shape = shape,
                                  .p = *p,
                                  .product = product,
                                  .accumulate = accumulate,
                                  .out_vec = p->xc / p->groups % 4 == 0,
                                  .spec = (uint32_t[]){p->yc / p->groups % 4 == 0, gemm_up(p), call->attr->prologue},
                                  .spec_count = 3,
                                  .ranges = ranges,
                                  .range_count = 5,
                              });
}

void gemm_record_dw(const struct gemm_shape *shape, struct gpu_stream *stream, const struct op_call *call)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const struct op_tensor *x = &call->in[0], *dy = &call->in[1], *dw = &call->out[0];
    const bool has_skip = call->in_count > SKIP && call->in[SKIP].range.buffer;
    const struct op_tensor none = {0}, *skip = has_skip ? &call->in[SKIP] : &none;
    struct conv2d_push p = conv_gather_geometry(call->attr, x->shape, skip->shape, dw->shape, dy->shape);
    p.splits = choose_splits(limits, shape, &p);
    const bool accumulate = call->accumulate & 1;
    const struct gpu_range to = p.splits > 1 ? op_slice(call->workspace, 0, p.splits * op_bytes(dw->shape)) : dw->range;
    const uint64_t x_image = op_bytes(x->shape) / p.n, y_image = op_bytes(dy->shape) / p.n, skip_image = op_bytes(skip->shape) / p.n;
    const uint32_t most = conv_images_per_dispatch(limits, &p);
    for (uint32_t first = 0; first < p.n; first += most) { // later parts of the batch add to the first one's result
        struct conv2d_push part = p;
        part.n = p.n - first < most ? p.n - first : most;
        const struct gpu_range ranges[] = {
            op_slice(x->range, first * x_image, part.n * x_image),
            op_slice(dy->range, first * y_image, part.n * y_image),
            to,
            op_slice(skip->range, first * skip_image, part.n * skip_image),
            call->in_count > SAVED ? call->in[SAVED].range : (struct gpu_range){0},
        };
        record_part(shape, stream, call, &part, ranges, first > 0 || (accumulate && p.splits == 1));
    }
    if (p.splits > 1) op_slice_sum(stream, call, to, p.splits, (uint32_t)op_count(dw->shape), p.splits, dw->range, accumulate);
}
