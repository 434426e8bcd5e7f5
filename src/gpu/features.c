// SPDX-License-Identifier: MIT
// What a device offers beyond the floor, and the device made with all of it that we know how to use.
#include "gpu/device.h"
#include "gpu/matrix.h"

#include <stdlib.h>
#include <string.h>

#define STATISTICS_EXTENSION VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME

// The features we ask about, or ask for: one chain serves the question and the wish.
struct chain {
    VkPhysicalDeviceFeatures2 core;
    VkPhysicalDeviceVulkan11Features eleven;
    VkPhysicalDeviceVulkan12Features twelve;
    struct gpu_matrices_features matrices;
    VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executable;
#ifdef VK_EXT_device_fault
    VkPhysicalDeviceFaultFeaturesEXT fault;
#endif
};

// A structure of an extension that the device lacks must not be in the chain.
static void link_chain(struct chain *chain, bool executable, bool fault)
{
    void *last = NULL;
    *chain = (struct chain){0};
    chain->executable.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR;
    if (executable) last = &chain->executable;
#ifdef VK_EXT_device_fault
    chain->fault.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FAULT_FEATURES_EXT;
    chain->fault.pNext = last;
    if (fault) last = &chain->fault;
#else
    (void)fault;
#endif
    chain->twelve.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
    chain->twelve.pNext = last;
    chain->eleven.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
    chain->eleven.pNext = &chain->twelve;
    chain->core.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
    chain->core.pNext = &chain->eleven;
}

static bool has(const VkExtensionProperties *extensions, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(extensions[i].extensionName, name) == 0) return true;
    }
    return false;
}

static void probe(struct gpu *gpu, bool executable, bool fault)
{
    struct gpu_features *f = &gpu->features;
    struct chain chain;
    link_chain(&chain, executable, fault);
    vkGetPhysicalDeviceFeatures2(gpu->physical, &chain.core);
    f->statistics = executable && chain.executable.pipelineExecutableInfo;
#ifdef VK_EXT_device_fault
    f->fault = fault && chain.fault.deviceFault;
#endif
    f->addresses = chain.twelve.bufferDeviceAddress && chain.core.features.shaderInt64;
    f->float16 = chain.twelve.shaderFloat16;
    f->storage16 = chain.eleven.storageBuffer16BitAccess;
}

enum nephos_status gpu_features_probe(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    VkExtensionProperties *extensions = NULL;
    uint32_t count = 0;
    bool fault = false;
    VK(gpu, vkEnumerateDeviceExtensionProperties(gpu->physical, NULL, &count, NULL));
    extensions = calloc(count + 1, sizeof *extensions);
    if (!extensions) FAIL(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory listing device extensions");
    VK(gpu, vkEnumerateDeviceExtensionProperties(gpu->physical, NULL, &count, extensions));
    gpu->features.memory_budget = has(extensions, count, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    gpu->features.maintenance4 = has(extensions, count, VK_KHR_MAINTENANCE_4_EXTENSION_NAME);
    gpu->features.portability = has(extensions, count, "VK_KHR_portability_subset");
#ifdef VK_EXT_device_fault
    fault = has(extensions, count, VK_EXT_DEVICE_FAULT_EXTENSION_NAME);
#endif
    probe(gpu, gpu->compiles_only && has(extensions, count, STATISTICS_EXTENSION), fault);
fail:
    free(extensions);
    return status;
}

static uint32_t list_extensions(const struct gpu *gpu, const char **names)
{
    const struct gpu_features *f = &gpu->features;
    uint32_t count = gpu_matrices_extensions(&gpu->matrices, names);
    if (f->memory_budget) names[count++] = VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
    if (f->portability) names[count++] = "VK_KHR_portability_subset";
    if (f->statistics) names[count++] = STATISTICS_EXTENSION;
#ifdef VK_EXT_device_fault
    if (f->fault) names[count++] = VK_EXT_DEVICE_FAULT_EXTENSION_NAME;
#endif
    return count;
}

static void wish(const struct gpu *gpu, struct chain *chain)
{
    const struct gpu_features *f = &gpu->features;
    link_chain(chain, f->statistics, f->fault);
    chain->core.features.shaderInt64 = f->addresses;
    chain->eleven.storageBuffer16BitAccess = f->storage16;
    chain->twelve.timelineSemaphore = VK_TRUE;
    chain->twelve.bufferDeviceAddress = f->addresses;
    chain->twelve.shaderFloat16 = f->float16;
    chain->twelve.vulkanMemoryModel = gpu_matrices_any(&gpu->matrices);
    chain->twelve.pNext = gpu_matrices_wish(&gpu->matrices, &chain->matrices, chain->twelve.pNext);
    chain->executable.pipelineExecutableInfo = f->statistics;
#ifdef VK_EXT_device_fault
    chain->fault.deviceFault = f->fault;
#endif
}

enum nephos_status gpu_features_create_device(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    const char *extensions[GPU_MATRICES_EXTENSIONS + 4];
    struct chain chain;
    const float priority = 1;
    const VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                           .queueFamilyIndex = gpu->queue_family,
                                           .queueCount = 1,
                                           .pQueuePriorities = &priority};
    wish(gpu, &chain);
    const VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = &chain.core,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
        .enabledExtensionCount = list_extensions(gpu, extensions),
        .ppEnabledExtensionNames = extensions,
    };
    VK(gpu, vkCreateDevice(gpu->physical, &info, NULL, &gpu->device));
    volkLoadDeviceTable(&gpu->fn, gpu->device);
    gpu->fn.vkGetDeviceQueue(gpu->device, gpu->queue_family, 0, &gpu->queue);
fail:
    return status;
}

// llvmpipe sees that an address is uniform from Mesa 25 on; measured with 22.3.6 and 26.2.6.
static bool has_uniform_loads(const struct gpu *gpu)
{
    return gpu->driver == VK_DRIVER_ID_MESA_LLVMPIPE && VK_API_VERSION_MAJOR(gpu->driver_version) >= 25;
}

void gpu_features_offer(struct gpu *gpu)
{
    gpu->limits.uniform_loads = has_uniform_loads(gpu);
    gpu->limits.variants = true;
    gpu->limits.matrices = gpu->matrices;
    gpu->limits.addresses = gpu->features.addresses;
    gpu->limits.float16 = gpu->features.float16;
    gpu->limits.storage16 = gpu->features.storage16;
}
