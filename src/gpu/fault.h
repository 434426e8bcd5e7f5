// SPDX-License-Identifier: MIT
// Failures on demand, so that tests reach every error path. Inert unless a test arms it; process-wide.
#ifndef GPU_FAULT_H
#define GPU_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum gpu_fault {
    GPU_FAULT_CALL,       // a checked Vulkan call returns VK_ERROR_OUT_OF_DEVICE_MEMORY without being made
    GPU_FAULT_SUBMISSION, // a queue submission returns VK_ERROR_DEVICE_LOST without being made
    GPU_FAULT_COUNT
};

// The nth hit from now on fails once (1: the next one); 0 disarms.
void gpu_fault_arm(enum gpu_fault fault, uint32_t nth);
// False: it has happened, or was never armed.
bool gpu_fault_armed(enum gpu_fault fault);
// Called where the failure would happen.
bool gpu_fault_hit(enum gpu_fault fault);

#endif
