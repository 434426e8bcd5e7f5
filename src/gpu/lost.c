// SPDX-License-Identifier: MIT
// A lost device: remembered, explained once, refused ever after.
#include "gpu/device.h"

#include <stdlib.h>

enum nephos_status gpu_alive(struct gpu *gpu)
{
    if (!gpu->lost) return NEPHOS_OK;
    return base_fail(gpu->log, NEPHOS_ERROR_DEVICE_LOST, "the device %s was lost earlier; close it and start again", gpu->info.name);
}

#ifdef VK_EXT_device_fault
static void log_fault(struct gpu *gpu)
{
    VkDeviceFaultCountsEXT counts = {.sType = VK_STRUCTURE_TYPE_DEVICE_FAULT_COUNTS_EXT};
    if (!gpu->features.fault || gpu->fn.vkGetDeviceFaultInfoEXT(gpu->device, &counts, NULL) != VK_SUCCESS) return;
    counts.vendorBinarySize = 0;
    VkDeviceFaultInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_FAULT_INFO_EXT,
        .pAddressInfos = calloc(counts.addressInfoCount + 1, sizeof *info.pAddressInfos),
        .pVendorInfos = calloc(counts.vendorInfoCount + 1, sizeof *info.pVendorInfos),
    };
    if (info.pAddressInfos && info.pVendorInfos && gpu->fn.vkGetDeviceFaultInfoEXT(gpu->device, &counts, &info) >= 0) {
        base_warn(gpu->log, "device fault: %s", info.description);
        for (uint32_t i = 0; i < counts.addressInfoCount; i++) {
            base_warn(gpu->log, "device fault: address 0x%llx, access type %d", (unsigned long long)info.pAddressInfos[i].reportedAddress,
                      (int)info.pAddressInfos[i].addressType);
        }
        for (uint32_t i = 0; i < counts.vendorInfoCount; i++) {
            base_warn(gpu->log, "device fault: %s (code 0x%llx, data 0x%llx)", info.pVendorInfos[i].description,
                      (unsigned long long)info.pVendorInfos[i].vendorFaultCode, (unsigned long long)info.pVendorInfos[i].vendorFaultData);
        }
    }
    free(info.pAddressInfos);
    free(info.pVendorInfos);
}
#endif

void gpu_lose(struct gpu *gpu)
{
    if (atomic_exchange(&gpu->lost, true)) return; // compiling threads may find out together
#ifdef VK_EXT_device_fault
    if (!gpu->hung) log_fault(gpu);
#endif
}

enum nephos_status gpu_call_fail(struct gpu *gpu, VkResult result, const char *call, const char *file, int line)
{
    if (result == VK_ERROR_DEVICE_LOST) gpu_lose(gpu);
    return gpu_vk_fail(gpu->log, result, call, file, line);
}
