// SPDX-License-Identifier: MIT
// Which memory was touched since the last barrier, and whether the next command has to wait for it.
#ifndef GPU_BARRIER_H
#define GPU_BARRIER_H

#include "gpu/gpu.h"

struct gpu_access {
    const struct gpu_buffer *buffer;
    uint64_t begin, end; // bytes, end excluded
    bool write;
};

#define GPU_TRACKED_MOST 1024 // beyond it a barrier is set although none is needed: bounds time and memory

struct gpu_tracker {
    struct gpu_access accesses[GPU_TRACKED_MOST];
    uint32_t count;
};

// Notes the accesses of one command (2 * GPU_MAX_BINDINGS at most). True: it needs a barrier in front, which starts the
// list anew. Accesses of the same command never conflict with each other.
bool gpu_tracker_add(struct gpu_tracker *tracker, const struct gpu_access *accesses, uint32_t count);

#endif
