// SPDX-License-Identifier: MIT
#include "gpu/barrier.h"

#include <string.h>

static bool conflict(const struct gpu_access *a, const struct gpu_access *b)
{
    return (a->write || b->write) && a->buffer == b->buffer && a->begin < b->end && b->begin < a->end;
}

static bool conflicts(const struct gpu_tracker *tracker, const struct gpu_access *access)
{
    for (uint32_t i = 0; i < tracker->count; i++) {
        if (conflict(&tracker->accesses[i], access)) return true;
    }
    return false;
}

bool gpu_tracker_add(struct gpu_tracker *tracker, const struct gpu_access *accesses, uint32_t count)
{
    bool barrier = tracker->count + count > GPU_TRACKED_MOST;
    for (uint32_t i = 0; i < count && !barrier; i++) barrier = conflicts(tracker, &accesses[i]);
    if (barrier) tracker->count = 0;
    memcpy(&tracker->accesses[tracker->count], accesses, count * sizeof *accesses);
    tracker->count += count;
    return barrier;
}
