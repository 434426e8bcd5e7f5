// SPDX-License-Identifier: MIT
#include "gpu/fault.h"

#include <stdatomic.h>

static atomic_uint left[GPU_FAULT_COUNT];

void gpu_fault_arm(enum gpu_fault fault, uint32_t nth)
{
    atomic_store(&left[fault], nth);
}

bool gpu_fault_armed(enum gpu_fault fault)
{
    return atomic_load(&left[fault]) > 0;
}

bool gpu_fault_hit(enum gpu_fault fault)
{
    unsigned now = atomic_load_explicit(&left[fault], memory_order_relaxed);
    while (now > 0) {
        if (atomic_compare_exchange_weak(&left[fault], &now, now - 1)) return now == 1;
    }
    return false;
}
