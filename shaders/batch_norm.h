// SPDX-License-Identifier: MIT
// A tensor is seen as a matrix of `rows` pixels and `channels` columns. Column sums are made in two passes: workgroups of
// BATCH_NORM_GROUP invocations, as a grid of `lanes` columns and GROUP / lanes rows, each reduce `chunk_rows` rows of `lanes`
// columns to one row of a partial result; then the `chunks` rows of the partial result are reduced likewise.
#ifndef BATCH_NORM_H
#define BATCH_NORM_H
#include "lib/shared.h"
#define BATCH_NORM_GROUP 128
struct batch_norm_push {
    uint count;       // elements, for the elementwise kernels
    uint rows;        // pixels
    uint channels;
    uint chunk_rows, chunks;
    uint coef_offset; // of the coefficients behind the partial sums, in elements
    float eps, momentum;
};
#endif
