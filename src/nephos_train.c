// SPDX-License-Identifier: MIT
// Public entry point of training.
#include "nephos_internal.h"
#include "train/cross.h"

enum nephos_status nephos_train(struct nephos_device *device, const struct nephos_config *config, nephos_progress_fn progress, void *user)
{
    if (!device || !config) return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_train: a parameter is NULL");
    return cross_run(device->gpu, config, progress, user);
}
