// SPDX-License-Identifier: MIT
// A training run from the data set to the run directory.
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "gpu/gpu.h"
#include "train/tally.h"

// `scored` (may be NULL): what the best model got right of the validation images, to be freed.
enum nephos_status trainer_run(struct gpu *gpu, const struct nephos_config *config, nephos_progress_fn progress, void *user,
                               struct tally *scored);

#endif
