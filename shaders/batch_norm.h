// SPDX-License-Identifier: MIT
// A tensor is seen as a matrix of `rows` pixels and `channels` columns, and a workgroup (lib/columns.glsl) takes `chunk_rows` rows.
// Column sums are made in two passes: each chunk is reduced to one row of a partial result, then the `chunks` rows of that.
#ifndef BATCH_NORM_H
#define BATCH_NORM_H
#include "lib/shared.h"

// Bits of constant 1 of the kernels that make tensors.
#define BATCH_NORM_RESIDUAL 1
#define BATCH_NORM_RELU 2
#define BATCH_NORM_ACCUMULATE 4

struct batch_norm_push {
    uint rows;        // pixels
    uint channels;
    uint chunk_rows, chunks;
    uint coef_offset; // of the coefficients behind the partial sums, in elements
    float eps, momentum;
};
#endif
