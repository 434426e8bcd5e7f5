// SPDX-License-Identifier: MIT
// Handles of the public interface whose insides several of its files need.
#ifndef NEPHOS_INTERNAL_H
#define NEPHOS_INTERNAL_H

#include "gpu/gpu.h"

struct nephos_device {
    struct gpu *gpu;
    struct nephos_log *log;
};

struct nephos_model {
    struct nephos_log *log;
    struct predictor *predictor;
    struct nephos_model_info info;
};

struct views;
// Views of `model` and the `others`: what prediction and evaluation average. NEPHOS_ERROR_ARGUMENT where they don't fit together.
enum nephos_status ensemble_start(struct nephos_model *model, struct nephos_model *const *others, size_t other_count, const char *tta,
                                  struct views *views);

#endif
