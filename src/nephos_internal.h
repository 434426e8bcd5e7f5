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

#endif
