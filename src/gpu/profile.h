// SPDX-License-Identifier: MIT
// Time per kernel and label, summed over replays, and the newest commands one by one for the trace.
#ifndef GPU_PROFILE_H
#define GPU_PROFILE_H

#include "gpu/gpu.h"

struct gpu_profile;
struct gpu_command;

enum nephos_status gpu_profile_create(struct gpu *gpu);
void gpu_profile_destroy(struct gpu_profile **profile);

// One command ran from `begin` on (nanoseconds of the device's clock) for `duration` nanoseconds.
void gpu_profile_add(struct gpu *gpu, struct gpu_command *command, double begin, double duration);

#endif
