// SPDX-License-Identifier: MIT
#ifndef OPTIMIZER_H
#define OPTIMIZER_H
#include "lib/shared.h"
#define ADAM_PLAIN 0 // specialization constant of adam.comp
#define ADAM_DECOUPLED 1
#define ADAM_RECTIFIED 2
#define ADAM_NESTEROV 3
struct adam_push {
    uint count; // parameters
    float beta1, beta2;
    float one_minus_beta1, one_minus_beta2;
    float eps, weight_decay;
    float lr_factor; // on the step's learning rate
    uint rows, chunk_rows; // with SOFTWARE: pairs of parameters / LANES, and how many of these a workgroup takes
};
struct sgd_push {
    uint count; // parameters
    float momentum, weight_decay, lr_factor;
    uint nesterov;
};
#endif
