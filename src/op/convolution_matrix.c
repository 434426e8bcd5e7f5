// SPDX-License-Identifier: MIT
// Which matrices and tiles the kernels with cooperative matrices use.
#include "op/convolution_matrix.h"

#ifdef NEPHOS_HAS_MATRIX

#include "op/gemm.h"

#define STEPS 2 // along k: matrices in shared memory at a time

#ifdef NEPHOS_HAS_BF16
static const bool is_built[GPU_TYPES] = {[GPU_FP16] = true, [GPU_BF16] = true};
#else
static const bool is_built[GPU_TYPES] = {[GPU_FP16] = true};
#endif

// Subgroups of a workgroup, and matrices of a subgroup, along the rows and columns of the product.
struct layout {
    uint32_t subgroups_m, subgroups_n, m, n;
};
enum tile { large, square, narrow };

// A software device computes with matrices for tests only; it takes seconds to compile many of them.
static struct layout layout_of(const struct gpu_limits *limits, enum tile tile)
{
    static const struct layout layouts[] = {[large] = {4, 2, 2, 4}, [square] = {2, 2, 2, 2}, [narrow] = {4, 1, 2, 2}};
    struct layout layout = layouts[tile];
    if (!limits->software) return layout;
    layout.m /= 2;
    layout.n /= 2;
    return layout;
}

// The kernels move blocks of 4 x 4 and read rows of 16 bytes.
static const struct gpu_matrix *choose_matrix(const struct gpu_limits *limits, enum gpu_type factor)
{
    const struct gpu_matrix_list *list = &limits->matrices.of[factor];
    for (uint32_t i = 0; i < list->count; i++) {
        const struct gpu_matrix *matrix = &list->shapes[i];
        if (matrix->m % 4 == 0 && matrix->n % 4 == 0 && matrix->k % 8 == 0) return matrix;
    }
    return NULL;
}

// False: the device has no matrices that would do. Tiles are offered where they would not be mostly empty, and the narrow one where
// columns are few.
static bool make_shape(const struct gpu_limits *limits, enum gpu_type factor, enum tile tile, struct gemm_shape *shape)
{
    const struct layout layout = layout_of(limits, tile);
    const struct gpu_matrix *matrix = choose_matrix(limits, factor);
    if (!matrix || !is_built[factor]) return false;
    *shape = (struct gemm_shape){
        .m = layout.subgroups_m * layout.m * matrix->m,
        .n = layout.subgroups_n * layout.n * matrix->n,
        .k = STEPS * matrix->k,
        .tm = layout.m,
        .tn = layout.n,
        .matrix = *matrix,
        .factor = factor,
        .subgroup = limits->matrices.subgroup,
    };
    if (tile == large) {
        shape->least_rows = limits->software ? 4 * shape->m : shape->m;
        shape->least_columns = shape->n / 2;
    }
    if (tile == narrow) shape->most_columns = limits->software ? shape->n : 2 * shape->n;
    return true;
}

bool conv_matrix_built(enum gpu_type factor)
{
    return is_built[factor];
}

bool conv_matrix_usable(const struct gpu_limits *limits, enum gpu_type factor)
{
    struct gemm_shape shape;
    return make_shape(limits, factor, narrow, &shape) && gemm_fits(limits, &shape);
}

// Halves have 11 bits, bf16 has 8: rounding an operand moves it by up to 2^-11 (2^-8) of itself, or 2^-10 (2^-7) on a device that
// truncates, and a product by up to twice that. Over a sum such errors add up like a random walk, as the sum itself does, so that
// relative to the largest result they don't grow.
#define GPU_FP16_ERROR (1.0 / 512)
#define GPU_BF16_ERROR (1.0 / 64)

#define DEFINE(pass, factor, tile)                                                                                 \
    static bool offer_##pass##_##factor##_##tile(const struct op_infer *info, struct op_needs *needs)              \
    {                                                                                                              \
        struct gemm_shape shape;                                                                                   \
        return make_shape(info->limits, factor, tile, &shape) && gemm_offer_##pass(&shape, info, needs);           \
    }                                                                                                              \
    static void record_##pass##_##factor##_##tile(struct gpu_stream *stream, const struct op_call *call)           \
    {                                                                                                              \
        struct gemm_shape shape;                                                                                   \
        if (make_shape(gpu_get_limits(call->gpu), factor, tile, &shape)) gemm_record_##pass(&shape, stream, call); \
    }
#define ROW(pass, factor, tile, suffix)                                                                            \
    {                                                                                                              \
        .name = "matrix-" #tile suffix, .family = OP_FAMILY_MATRIX, .error = factor##_ERROR, .halves = true,       \
        .offer = offer_##pass##_##factor##_##tile, .record = record_##pass##_##factor##_##tile                     \
    }
#define DEFINE_TILES(pass, factor)                                                                                 \
    DEFINE(pass, factor, large)                                                                                    \
    DEFINE(pass, factor, square)                                                                                   \
    DEFINE(pass, factor, narrow)
#define ROWS(pass, factor, suffix) ROW(pass, factor, large, suffix), ROW(pass, factor, square, suffix), ROW(pass, factor, narrow, suffix)
#define TABLE(pass)                                                                                                \
    DEFINE_TILES(pass, GPU_FP16)                                                                                   \
    DEFINE_TILES(pass, GPU_BF16)                                                                                   \
    const struct op_variant conv_matrix_##pass[] = {ROWS(pass, GPU_FP16, ""), ROWS(pass, GPU_BF16, "-bf16"), {0}};
TABLE(forward)
TABLE(dx)
TABLE(dw)

#else

const struct op_variant conv_matrix_forward[] = {{0}}, conv_matrix_dx[] = {{0}}, conv_matrix_dw[] = {{0}};

bool conv_matrix_built(enum gpu_type factor)
{
    (void)factor;
    return false;
}

bool conv_matrix_usable(const struct gpu_limits *limits, enum gpu_type factor)
{
    (void)limits;
    (void)factor;
    return false;
}

#endif
