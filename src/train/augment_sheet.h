// SPDX-License-Identifier: MIT
#ifndef TRAIN_AUGMENT_SHEET_H
#define TRAIN_AUGMENT_SHEET_H

#include "gpu/gpu.h"

// nephos_augment_sheet, with parameters that are all set.
enum nephos_status augment_sheet(struct gpu *gpu, const struct nephos_config *config, const struct nephos_augment_params *params);

#endif
