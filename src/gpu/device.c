// SPDX-License-Identifier: MIT
// Opening and closing a device: features, limits, queue, timeline.
#include "gpu/cache.h"
#include "gpu/device.h"
#include "gpu/kernel.h"
#include "gpu/notes.h"
#include "gpu/profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DUMMY_SIZE 1024 // covers every uniform block a kernel may have

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint32_t greatest(VkDeviceSize a, VkDeviceSize b)
{
    return (uint32_t)(a > b ? a : b);
}

static void query_limits(struct gpu *gpu)
{
    VkPhysicalDeviceMaintenance4Properties four = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES,
                                                   .maxBufferSize = UINT64_MAX};
    VkPhysicalDeviceVulkan11Properties eleven = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES,
                                                 .pNext = gpu->features.maintenance4 ? &four : NULL};
    VkPhysicalDeviceProperties2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &eleven};
    vkGetPhysicalDeviceProperties2(gpu->physical, &all);
    const VkPhysicalDeviceLimits *limits = &all.properties.limits;
    gpu->vk_limits = *limits;
    gpu->vendor_id = all.properties.vendorID;
    gpu->device_id = all.properties.deviceID;
    gpu->driver_version = all.properties.driverVersion;
    memcpy(gpu->cache_uuid, all.properties.pipelineCacheUUID, VK_UUID_SIZE);
    gpu->limits = (struct gpu_limits){
        .max_binding_size = limits->maxStorageBufferRange & ~15u,
        .max_buffer_size = least(least(eleven.maxMemoryAllocationSize, four.maxBufferSize), gpu->info.memory_size) & ~UINT64_C(15),
        .offset_alignment = greatest(greatest(limits->minStorageBufferOffsetAlignment, limits->minUniformBufferOffsetAlignment), 4),
        .max_storage_buffers = limits->maxPerStageDescriptorStorageBuffers,
        .max_invocations = limits->maxComputeWorkGroupInvocations,
        .max_shared_memory = limits->maxComputeSharedMemorySize,
        .subgroup_size = gpu->info.subgroup_size,
        .software = gpu->info.type == NEPHOS_DEVICE_CPU,
    };
    if (!gpu->baseline_only) gpu_features_offer(gpu);
    memcpy(gpu->limits.max_group_count, limits->maxComputeWorkGroupCount, sizeof gpu->limits.max_group_count);
    vkGetPhysicalDeviceMemoryProperties(gpu->physical, &gpu->memory);
    gpu_memory_refresh_budget(gpu);
}

static void query_timestamps(struct gpu *gpu)
{
    VkQueueFamilyProperties families[32];
    uint32_t count = ARRAY_COUNT(families);
    vkGetPhysicalDeviceQueueFamilyProperties(gpu->physical, &count, families);
    assert(gpu->queue_family < count);
    gpu->timestamp_bits = gpu->vk_limits.timestampPeriod > 0 ? families[gpu->queue_family].timestampValidBits : 0;
}

static enum nephos_status create_timeline(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    const VkSemaphoreTypeCreateInfo type = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                            .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
    const VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
    VK(gpu, gpu->fn.vkCreateSemaphore(gpu->device, &info, NULL, &gpu->timeline));
fail:
    return status;
}

static enum nephos_status choose_device(struct gpu *gpu, const char *select)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu_candidate *list = NULL;
    const struct gpu_candidate *choice = NULL;
    uint32_t count = 0;
    TRY(gpu_candidates(gpu->log, gpu->instance.handle, &list, &count));
    TRY(gpu_choose(gpu->log, list, count, select, &choice));
    gpu->physical = choice->physical;
    gpu->queue_family = choice->queue_family;
    gpu->driver = choice->driver;
    gpu->info = choice->info;
    gpu->matrices = choice->matrices;
fail:
    free(list);
    return status;
}

// "auto", "baseline", or the beginning of a variant's name.
static bool kernels_known(const char *kernels)
{
    static const char *const names[] = {"tile", "matrix", "software"};
    if (strcmp(kernels, "auto") == 0 || strcmp(kernels, "baseline") == 0) return true;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (strncmp(kernels, names[i], strlen(names[i])) == 0) return true;
    }
    return false;
}

static enum nephos_status read_params(struct gpu *gpu, const struct nephos_device_params *params)
{
    const char *kernels = params->kernels ? params->kernels : "auto";
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!kernels_known(kernels) || strlen(kernels) >= sizeof gpu->wish) {
        return base_fail(gpu->log, NEPHOS_ERROR_ARGUMENT,
                         "kernels '%s' is unknown: use auto, baseline, or a family of kernels: tile, matrix, software", kernels);
    }
    memcpy(gpu->wish, kernels, strlen(kernels) + 1);
    gpu->baseline_only = strcmp(kernels, "baseline") == 0;
    gpu->threads = params->threads ? params->threads : processors > 0 ? (uint32_t)processors : 1;
    return NEPHOS_OK;
}

static enum nephos_status open_device(struct nephos_log *log, const struct nephos_device_params *params, bool compiles_only,
                                      struct gpu **gpu)
{
    enum nephos_status status = NEPHOS_OK;
    const struct nephos_device_params defaults = {0};
    struct gpu *created = calloc(1, sizeof *created);
    if (!params) params = &defaults;
    if (!created) FAIL(log, NEPHOS_ERROR_MEMORY, "out of memory opening a device");
    created->log = log;
    created->compiles_only = compiles_only;
    TRY(read_params(created, params));
    TRY(gpu_instance_create(log, params->validation, &created->instance));
    TRY(choose_device(created, params->select));
    TRY(gpu_features_probe(created));
    TRY(gpu_features_create_device(created));
    query_limits(created);
    query_timestamps(created);
    if (!compiles_only) {
        TRY(create_timeline(created));
        TRY(gpu_buffer_create(created, GPU_MEMORY_DEVICE, DUMMY_SIZE, "dummy", &created->dummy));
    }
    TRY(gpu_cache_open(created, params->cache_dir));
    TRY(gpu_notes_open(created, params->cache_dir));
    if (params->profile) TRY(gpu_profile_create(created));
    base_debug(log, "device %s, driver %s, %u compile threads", created->info.name, created->info.driver, created->threads);
    *gpu = created;
    return NEPHOS_OK;
fail:
    gpu_close(&created);
    return status;
}

enum nephos_status gpu_open(struct nephos_log *log, const struct nephos_device_params *params, struct gpu **gpu)
{
    return open_device(log, params, false, gpu);
}

enum nephos_status gpu_open_compiler(struct nephos_log *log, const struct nephos_device_params *params, struct gpu **gpu)
{
    return open_device(log, params, true, gpu);
}

static void close_device(struct gpu *gpu)
{
    if (gpu->timeline) gpu_wait_idle(gpu);
    if (gpu->hung) return; // destroying what a device may still use is worse than leaving it to the end of the process
    gpu_cache_close(gpu);
    gpu_transfer_free(gpu);
    gpu_buffer_destroy(&gpu->dummy);
    gpu_kernels_free(gpu);
    gpu->fn.vkDestroySemaphore(gpu->device, gpu->timeline, NULL);
    gpu->fn.vkDestroyDevice(gpu->device, NULL);
    gpu_instance_destroy(&gpu->instance);
}

void gpu_close(struct gpu **gpu)
{
    if (!gpu || !*gpu) return;
    struct gpu *closing = *gpu;
    *gpu = NULL;
    assert(!closing->streams);
    if (closing->device) {
        close_device(closing);
    } else {
        gpu_instance_destroy(&closing->instance);
    }
    gpu_profile_destroy(&closing->profile);
    gpu_notes_close(closing);
    free(closing->cache_path);
    free(closing);
}

const struct nephos_device_info *gpu_info(const struct gpu *gpu)
{
    return &gpu->info;
}

const struct gpu_limits *gpu_get_limits(const struct gpu *gpu)
{
    return &gpu->limits;
}

struct nephos_log *gpu_log(const struct gpu *gpu)
{
    return gpu->log;
}

const char *gpu_kernels(const struct gpu *gpu)
{
    return gpu->wish;
}
