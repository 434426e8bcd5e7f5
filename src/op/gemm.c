// SPDX-License-Identifier: MIT
// Which tile shapes are offered, and their dispatches.
#include "op/gemm.h"

#include <string.h>

enum { SHARED_SPEC = 12, MATRIX_SPEC = 21, SPEC_COUNT = 25 }; // constants of gemm.glsl, its bodies, gemm_matrix.glsl
enum { PAD = 1, MATRIX_PAD = 2, UNROLL = 8, SMALL = 256, BINDINGS = 7 };

static uint64_t tiles(uint64_t count, uint32_t side)
{
    return (count + side - 1) / side;
}

uint64_t gemm_tiles(const struct gemm_shape *shape, const struct conv_product *product)
{
    return tiles(product->rows, shape->m) * tiles(product->columns, shape->n) * product->count;
}

static bool has_matrices(const struct gemm_shape *shape)
{
    return shape->matrix.m != 0;
}

static uint32_t subgroups(const struct gemm_shape *s)
{
    return s->m / (s->tm * s->matrix.m) * (s->n / (s->tn * s->matrix.n));
}

uint32_t gemm_invocations(const struct gemm_shape *s)
{
    return has_matrices(s) ? subgroups(s) * s->subgroup : s->m / s->tm * (s->n / s->tn);
}

// `pad` vectors behind each step, or with matrices behind each row and column, which are of 16 bits; those results go through there, too.
static uint32_t shared_bytes(const struct gemm_shape *s, uint32_t pad)
{
    if (has_matrices(s)) return 2 * (s->m + s->n) * (s->k + 4 * pad) + 4 * subgroups(s) * s->matrix.m * s->matrix.n;
    return 4 * s->k * (s->m + s->n + 8 * pad);
}

bool gemm_fits(const struct gpu_limits *limits, const struct gemm_shape *shape)
{
    return limits->variants && limits->max_storage_buffers >= BINDINGS && gemm_invocations(shape) <= limits->max_invocations &&
           shared_bytes(shape, has_matrices(shape) ? MATRIX_PAD : 0) <= limits->max_shared_memory;
}

static bool matrices_suit(const struct gemm_shape *shape, const struct conv_product *product)
{
    return product->rows >= shape->least_rows && product->columns >= shape->least_columns &&
           (shape->most_columns == 0 || product->columns <= shape->most_columns);
}

// A side of a tile is mostly used, and not so short that longer ones would read less.
static bool side_suits(uint32_t side, uint64_t count)
{
    return (side == 16 || count > side / 2) && (side >= 64 || count <= side);
}

bool gemm_suits(const struct gpu_limits *limits, const struct gemm_shape *shape, const struct conv_product *product)
{
    if (!gemm_fits(limits, shape)) return false;
    if (has_matrices(shape)) return matrices_suit(shape, product);
    const struct gemm_shape middle = {64, 64, 16, 8, 4};
    if (shape->n == 32 && shape->k == 32) return gemm_tiles(&middle, product) < SMALL; // the shape for products of few tiles
    return side_suits(shape->m, product->rows) && side_suits(shape->n, product->columns);
}

static void fill_spec(uint32_t *spec, const struct gpu_limits *limits, const struct gemm_dispatch *d)
{
    const struct gemm_shape *s = d->shape;
    const uint32_t pad = has_matrices(s) ? MATRIX_PAD : shared_bytes(s, PAD) <= limits->max_shared_memory ? PAD : 0;
    const uint32_t unroll = limits->software ? 1 : has_matrices(s) ? s->k / s->matrix.k : UNROLL;
    const uint32_t values[SPEC_COUNT] = {
        gemm_invocations(s), s->tm, s->tn, d->accumulate, 0, d->relu, s->m, s->n, s->k, pad, unroll, d->out_vec,
        [MATRIX_SPEC] = s->matrix.m, s->matrix.n, s->matrix.k, s->subgroup,
    };
    memcpy(spec, values, sizeof values);
    memcpy(spec + SHARED_SPEC, d->spec, d->spec_count * sizeof *spec);
}

void gemm_record(struct gpu_stream *stream, const struct op_call *call, struct gemm_dispatch *d)
{
    const struct gpu_limits *limits = gpu_get_limits(call->gpu);
    const struct gemm_shape *s = d->shape;
    const bool matrices = has_matrices(s);
    uint32_t spec[SPEC_COUNT];
    fill_spec(spec, limits, d);
    d->p.m_tiles = (uint32_t)tiles(d->product.rows, s->m);
    d->p.n_tiles = (uint32_t)tiles(d->product.columns, s->n);
    d->p.tiles = (uint32_t)gemm_tiles(s, &d->product);
    const uint32_t most = limits->max_group_count[0], x = d->p.tiles < most ? d->p.tiles : most;
    double bytes = 0;
    for (uint32_t i = 0; i < d->range_count; i++) bytes += (double)d->ranges[i].size;
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = matrices ? d->shaders->matrix[s->factor] : d->shaders->plain,
                                    .spec = spec,
                                    .spec_count = matrices ? SPEC_COUNT : SHARED_SPEC + d->spec_count,
                                    .ranges = d->ranges,
                                    .range_count = d->range_count,
                                    .push = &d->p,
                                    .push_size = sizeof d->p,
                                    .groups = {x, (d->p.tiles + x - 1) / x, 1},
                                    .flops = conv_geometry_flops(&d->p),
                                    .bytes = bytes,
                                    .label = call->label,
                                });
}

#define DEFINE_PASS(pass, m, n, k)                                                                                 \
    static bool offer_##pass##_##m##x##n##x##k(const struct op_infer *info, struct op_needs *needs)                \
    {                                                                                                              \
        return gemm_offer_##pass(&shape_##m##x##n##x##k, info, needs);                                             \
    }                                                                                                              \
    static void record_##pass##_##m##x##n##x##k(struct gpu_stream *stream, const struct op_call *call)             \
    {                                                                                                              \
        gemm_record_##pass(&shape_##m##x##n##x##k, stream, call);                                                  \
    }
#define GEMM_SHAPE(m, n, k, tm, tn)                                                                                \
    static const struct gemm_shape shape_##m##x##n##x##k = {m, n, k, tm, tn};                                      \
    DEFINE_PASS(forward, m, n, k)                                                                                  \
    DEFINE_PASS(dx, m, n, k)                                                                                       \
    DEFINE_PASS(dw, m, n, k)
#include "op/gemm_shapes.def"
#undef GEMM_SHAPE

#define ROW(pass, m, n, k)                                                                                         \
    {                                                                                                              \
        .name = "tile-" #m "x" #n "x" #k, .family = OP_FAMILY_TILE, .offer = offer_##pass##_##m##x##n##x##k,       \
        .halves = true, .record = record_##pass##_##m##x##n##x##k                                                  \
    },
#define GEMM_SHAPE(m, n, k, tm, tn) ROW(forward, m, n, k)
const struct op_variant gemm_forward[] = {
#include "op/gemm_shapes.def"
    {0},
};
#undef GEMM_SHAPE
#define GEMM_SHAPE(m, n, k, tm, tn) ROW(dx, m, n, k)
const struct op_variant gemm_dx[] = {
#include "op/gemm_shapes.def"
    {0},
};
#undef GEMM_SHAPE
#define GEMM_SHAPE(m, n, k, tm, tn) ROW(dw, m, n, k)
const struct op_variant gemm_dw[] = {
#include "op/gemm_shapes.def"
    {0},
};
