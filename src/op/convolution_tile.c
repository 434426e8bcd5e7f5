// SPDX-License-Identifier: MIT
// Which part of the work one dispatch, and one invocation, does.
#include "op/convolution.h"

bool conv_vectorizes(const struct conv2d_push *p)
{
    return p->xc / p->groups % 4 == 0 && p->yc / p->groups % 4 == 0 && p->skip_c % 4 == 0;
}

// How many images of `size` bytes until an image starts aligned again; alignments are powers of two.
static uint64_t aligned_images(uint64_t size, uint64_t alignment)
{
    while (alignment > 1 && size % 2 == 0) {
        size /= 2;
        alignment /= 2;
    }
    return alignment;
}

uint32_t conv_images_per_dispatch(const struct gpu_limits *limits, const struct conv2d_push *p)
{
    const uint32_t up = p->up ? p->up : 1;
    const uint64_t size[] = {
        4ull * (p->xh / up) * (p->xw / up) * (p->xc - p->skip_c),
        4ull * p->xh * p->xw * p->skip_c,
        4ull * p->yh * p->yw * p->yc,
    };
    uint64_t largest = 1, unit = 1;
    for (size_t i = 0; i < ARRAY_COUNT(size); i++) {
        if (size[i] == 0) continue; // no skip
        const bool halves = size[i] % 16 == 0; // maybe: of a multiple of 4 channels elements may have 16 bits
        const uint64_t wanted = aligned_images(halves ? size[i] / 2 : size[i], limits->offset_alignment);
        if (size[i] > largest) largest = size[i];
        if (wanted > unit) unit = wanted;
    }
    const uint64_t most = limits->max_binding_size / largest;
    return most >= p->n ? p->n : (uint32_t)(most / unit * unit);
}

// Half of `largest` again and again while one tile still covers `count`, down to 4.
static uint32_t tile_side(uint64_t count, uint32_t largest)
{
    while (largest > 4 && largest / 2 >= count) largest /= 2;
    return largest;
}

// A CPU wants as many multiply-adds per load as it can get, whatever spills; but big tiles take a second to compile, which small
// problems don't earn back. A GPU wants enough invocations to fill it, and no spills. More kernel families choose here, too.
struct conv_tile conv_choose_tile(const struct gpu_limits *limits, const struct conv_product *product)
{
    const uint64_t rows = product->rows, columns = product->columns, elements = rows * columns * product->count;
    const double flops = 2.0 * (double)elements * (double)product->depth;
    if (limits->software) {
        uint32_t side = flops > 3e7 ? 16 : flops > 5e6 ? 8 : 4;
        while (side > 4 && elements / (side * side) < 64) side /= 2;
        return (struct conv_tile){limits->subgroup_size > 8 ? limits->subgroup_size : 8, tile_side(rows, side), tile_side(columns, side)};
    }
    const uint32_t side = elements / 64 >= 32768 ? 8 : 4;
    return (struct conv_tile){64, tile_side(rows, side), tile_side(columns, side)};
}

static uint64_t tiles(uint64_t count, uint32_t side)
{
    return (count + side - 1) / side;
}

uint32_t conv_choose_splits(const struct gpu_limits *limits, const struct conv2d_push *p, struct conv_product *product)
{
    const uint64_t most_workspace = limits->max_binding_size < 32 << 20 ? limits->max_binding_size : 32 << 20;
    const uint64_t wanted = limits->software ? 512 : 32768;
    const uint64_t lines = (uint64_t)p->n * p->yh;
    *product = (struct conv_product){p->yc / p->groups, p->xc / p->groups, lines * p->yw, (uint64_t)p->groups * p->kh * p->kw};
    uint64_t most = most_workspace / (4 * product->rows * product->columns * product->count);
    if (most > 64) most = 64;
    if (most > lines) most = lines;
    if (most == 0) most = 1;
    struct conv_product finest = *product;
    finest.depth /= most;
    finest.count *= most;
    const struct conv_tile tile = conv_choose_tile(limits, &finest);
    const uint64_t invocations = tiles(product->rows, tile.m) * tiles(product->columns, tile.n) * product->count;
    const uint64_t useful = (wanted + invocations - 1) / invocations, splits = useful < most ? useful : most;
    product->depth /= splits;
    product->count *= splits;
    return (uint32_t)splits;
}

void conv_dispatch(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, struct conv2d_push *p,
                   const struct conv_product *product, struct conv_options options, const struct gpu_range *ranges,
                   uint32_t range_count)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const struct conv_tile tile = conv_choose_tile(limits, product);
    p->m_tiles = (uint32_t)tiles(product->rows, tile.m);
    p->n_tiles = (uint32_t)tiles(product->columns, tile.n);
    p->tiles = p->m_tiles * p->n_tiles * (uint32_t)product->count;
    const uint32_t groups = (uint32_t)tiles(p->tiles, tile.local), most = limits->max_group_count[0];
    const uint32_t groups_x = groups < most ? groups : most;
    double bytes = 0;
    for (uint32_t i = 0; i < range_count; i++) bytes += (double)ranges[i].size;
    if (options.accumulate) bytes += (double)ranges[range_count - 1].size; // the result
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = shader,
                                    .spec = (uint32_t[]){tile.local, tile.m, tile.n, options.accumulate, options.extra, options.relu},
                                    .spec_count = 6,
                                    .ranges = ranges,
                                    .range_count = range_count,
                                    .push = p,
                                    .push_size = sizeof *p,
                                    .groups = {groups_x, (groups + groups_x - 1) / groups_x, 1},
                                    .flops = conv_geometry_flops(p),
                                    .bytes = bytes,
                                    .label = call->label,
                                });
}
