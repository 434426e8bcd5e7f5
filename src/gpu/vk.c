// SPDX-License-Identifier: MIT
#include "gpu/vk.h"

#include <stdio.h>
#include <string.h>

const char *gpu_result_name(VkResult result, char text[32])
{
    switch (result) {
#define NAME(value) case value: return #value
        NAME(VK_SUCCESS);
        NAME(VK_NOT_READY);
        NAME(VK_TIMEOUT);
        NAME(VK_INCOMPLETE);
        NAME(VK_ERROR_OUT_OF_HOST_MEMORY);
        NAME(VK_ERROR_OUT_OF_DEVICE_MEMORY);
        NAME(VK_ERROR_INITIALIZATION_FAILED);
        NAME(VK_ERROR_DEVICE_LOST);
        NAME(VK_ERROR_MEMORY_MAP_FAILED);
        NAME(VK_ERROR_LAYER_NOT_PRESENT);
        NAME(VK_ERROR_EXTENSION_NOT_PRESENT);
        NAME(VK_ERROR_FEATURE_NOT_PRESENT);
        NAME(VK_ERROR_INCOMPATIBLE_DRIVER);
        NAME(VK_ERROR_TOO_MANY_OBJECTS);
        NAME(VK_ERROR_FRAGMENTED_POOL);
        NAME(VK_ERROR_OUT_OF_POOL_MEMORY);
        NAME(VK_ERROR_FRAGMENTATION);
        NAME(VK_ERROR_INVALID_SHADER_NV);
        NAME(VK_ERROR_UNKNOWN);
#undef NAME
    default: break;
    }
    snprintf(text, 32, "VkResult %d", (int)result);
    return text;
}

static enum nephos_status status_of(VkResult result)
{
    switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTED_POOL:
    case VK_ERROR_MEMORY_MAP_FAILED:
    case VK_ERROR_TOO_MANY_OBJECTS: return NEPHOS_ERROR_MEMORY;
    case VK_ERROR_DEVICE_LOST: return NEPHOS_ERROR_DEVICE_LOST;
    case VK_ERROR_INCOMPATIBLE_DRIVER: return NEPHOS_ERROR_NO_DEVICE;
    default: return NEPHOS_ERROR;
    }
}

enum nephos_status gpu_vk_fail(struct nephos_log *log, VkResult result, const char *call, const char *file, int line)
{
    char text[32];
    const char *name = strstr(call, "vk"); // the call may start with a function table
    const char *slash = strrchr(file, '/');
    if (!name) name = call;
    return base_fail(log, status_of(result), "%.*s failed: %s (%s:%d)", (int)strcspn(name, "("), name, gpu_result_name(result, text),
                     slash ? slash + 1 : file, line);
}
