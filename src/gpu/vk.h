// SPDX-License-Identifier: MIT
// Vulkan through volk, and the one way to call it: every result is checked, every failure named.
#ifndef GPU_VK_H
#define GPU_VK_H

#include "gpu/fault.h"
#include "gpu/gpu.h"

#include <volk.h>

// Both need a local `enum nephos_status status` and a `fail:` label.
#define VK(gpu, call)                                                                                              \
    do {                                                                                                           \
        const VkResult result_ = gpu_fault_hit(GPU_FAULT_CALL) ? VK_ERROR_OUT_OF_DEVICE_MEMORY : (call);           \
        if (result_ < 0) {                                                                                         \
            status = gpu_call_fail((gpu), result_, #call, __FILE__, __LINE__);                                     \
            goto fail;                                                                                             \
        }                                                                                                          \
    } while (0)

// Before there is a device.
#define VK_LOG(log, call)                                                                                          \
    do {                                                                                                           \
        const VkResult result_ = gpu_fault_hit(GPU_FAULT_CALL) ? VK_ERROR_OUT_OF_HOST_MEMORY : (call);             \
        if (result_ < 0) {                                                                                         \
            status = gpu_vk_fail((log), result_, #call, __FILE__, __LINE__);                                       \
            goto fail;                                                                                             \
        }                                                                                                          \
    } while (0)

// "VK_ERROR_DEVICE_LOST"; "VkResult -77" is written to `text` for a value this build does not know.
const char *gpu_result_name(VkResult result, char text[32]);

// Logs "vkName failed: VK_ERROR_X (file.c:line)" and returns the status it stands for.
enum nephos_status gpu_vk_fail(struct nephos_log *log, VkResult result, const char *call, const char *file, int line);
// The same; a lost device is remembered, and what the driver knows about the fault is logged.
enum nephos_status gpu_call_fail(struct gpu *gpu, VkResult result, const char *call, const char *file, int line);

#endif
