// SPDX-License-Identifier: MIT
#ifndef OPTIMIZER_H
#define OPTIMIZER_H
#include "lib/shared.h"
struct adam_push {
    uint count; // parameters
    float beta1, beta2;
    float one_minus_beta1, one_minus_beta2;
    float eps, weight_decay;
    uint rows, chunk_rows; // with SOFTWARE: pairs of parameters / LANES, and how many of these a workgroup takes
};
struct sgd_push {
    uint count; // parameters
    float momentum, weight_decay;
    uint nesterov;
};
#endif
