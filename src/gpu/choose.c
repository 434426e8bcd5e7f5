// SPDX-License-Identifier: MIT
// Which devices there are, in which order, and which one the user means.
#include "gpu/device.h"
#include "gpu/matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Values of VkDriverId that the oldest headers we build with lack.
enum { DRIVER_MESA_DOZEN = 23, DRIVER_MESA_NVK = 24 };

static enum nephos_device_type type_of(VkPhysicalDeviceType type)
{
    switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return NEPHOS_DEVICE_DISCRETE;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return NEPHOS_DEVICE_INTEGRATED;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return NEPHOS_DEVICE_VIRTUAL;
    case VK_PHYSICAL_DEVICE_TYPE_CPU: return NEPHOS_DEVICE_CPU;
    default: return NEPHOS_DEVICE_OTHER;
    }
}

// Lower is better when one GPU comes with two drivers.
static int driver_rank(uint32_t driver)
{
    switch (driver) {
    case DRIVER_MESA_DOZEN:
    case VK_DRIVER_ID_MOLTENVK:
    case VK_DRIVER_ID_MESA_VENUS: return 2; // translate to another interface
    case VK_DRIVER_ID_AMD_OPEN_SOURCE:
    case VK_DRIVER_ID_AMD_PROPRIETARY:
    case DRIVER_MESA_NVK: return 1; // RADV and NVIDIA's own are ahead
    default: return 0;
    }
}

static void format_uuid(const uint8_t id[VK_UUID_SIZE], char text[37])
{
    char *p = text;
    for (uint32_t i = 0; i < VK_UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *p++ = '-';
        p += snprintf(p, 3, "%02x", id[i]);
    }
}

// A family that computes; one without graphics is preferred, since desktop work can't delay it, and time-outs are longer.
static bool find_queue_family(VkPhysicalDevice physical, uint32_t *family)
{
    VkQueueFamilyProperties families[32];
    uint32_t count = ARRAY_COUNT(families);
    int best = -1;
    vkGetPhysicalDeviceQueueFamilyProperties(physical, &count, families);
    for (uint32_t i = 0; i < count; i++) {
        if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) || families[i].queueCount == 0) continue;
        const int score = (families[i].timestampValidBits > 0) * 2 + !(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT);
        if (score <= best) continue;
        best = score;
        *family = i;
    }
    return best >= 0;
}

static uint64_t largest_local_heap(VkPhysicalDevice physical)
{
    VkPhysicalDeviceMemoryProperties memory;
    uint64_t largest = 0;
    vkGetPhysicalDeviceMemoryProperties(physical, &memory);
    for (uint32_t i = 0; i < memory.memoryHeapCount; i++) {
        const VkMemoryHeap *heap = &memory.memoryHeaps[i];
        if ((heap->flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) && heap->size > largest) largest = heap->size;
    }
    return largest;
}

static void refuse(struct nephos_device_info *info, const char *reason)
{
    info->usable = false;
    snprintf(info->reason, sizeof info->reason, "%s", reason);
}

static void describe_basics(const VkPhysicalDeviceProperties *properties, struct nephos_device_info *info)
{
    const VkPhysicalDeviceLimits *limits = &properties->limits;
    snprintf(info->name, sizeof info->name, "%s", properties->deviceName);
    info->type = type_of(properties->deviceType);
    info->api_version = properties->apiVersion;
    info->max_workgroup_invocations = limits->maxComputeWorkGroupInvocations;
    info->max_shared_memory = limits->maxComputeSharedMemorySize;
    info->max_storage_buffer_range = limits->maxStorageBufferRange;
    info->usable = true;
}

static void describe(VkPhysicalDevice physical, struct gpu_candidate *candidate)
{
    struct nephos_device_info *info = &candidate->info;
    VkPhysicalDeviceProperties properties;
    vkGetPhysicalDeviceProperties(physical, &properties);
    candidate->physical = physical;
    describe_basics(&properties, info);
    info->memory_size = largest_local_heap(physical);
    if (properties.apiVersion < VK_API_VERSION_1_2) {
        refuse(info, "supports Vulkan below 1.2 only; a newer driver may help");
        return;
    }
    VkPhysicalDeviceVulkan12Properties twelve = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
    VkPhysicalDeviceVulkan11Properties eleven = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES, .pNext = &twelve};
    VkPhysicalDeviceProperties2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &eleven};
    vkGetPhysicalDeviceProperties2(physical, &all);
    candidate->driver = twelve.driverID;
    info->subgroup_size = eleven.subgroupSize;
    format_uuid(eleven.deviceUUID, info->uuid);
    snprintf(info->driver, sizeof info->driver, "%.120s %.120s", twelve.driverName, twelve.driverInfo);

    VkPhysicalDeviceVulkan12Features features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
    VkPhysicalDeviceFeatures2 query = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &features};
    vkGetPhysicalDeviceFeatures2(physical, &query);
    gpu_matrices_find(physical, &candidate->matrices);
    gpu_matrices_describe(&candidate->matrices.of[GPU_FP16], info->matrices, sizeof info->matrices);
    gpu_matrices_describe(&candidate->matrices.of[GPU_BF16], info->matrices_bf16, sizeof info->matrices_bf16);
    if (!features.timelineSemaphore) refuse(info, "has no timeline semaphores; a newer driver may help");
    if (!find_queue_family(physical, &candidate->queue_family)) refuse(info, "has no queue for compute");
}

// One GPU may come with two drivers, or with one driver that is registered in two places. Some drivers leave the UUID empty.
static bool same_gpu(const struct gpu_candidate *a, const struct gpu_candidate *b)
{
    static const char none[] = "00000000-0000-0000-0000-000000000000";
    return a->info.uuid[0] && strcmp(a->info.uuid, none) != 0 && strcmp(a->info.uuid, b->info.uuid) == 0;
}

static int badness(const struct gpu_candidate *c)
{
    return driver_rank(c->driver) + (c->info.usable ? 0 : 10);
}

static uint32_t drop_doubles(struct gpu_candidate *list, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t twin = 0;
        while (twin < kept && !same_gpu(&list[twin], &list[i])) twin++;
        if (twin == kept) {
            list[kept++] = list[i];
        } else if (badness(&list[i]) < badness(&list[twin])) {
            list[twin] = list[i];
        }
    }
    return kept;
}

// Stable, so that devices of one type stay in the loader's order.
static void sort_by_type(struct gpu_candidate *list, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct gpu_candidate moving = list[i];
        uint32_t j = i;
        for (; j > 0 && list[j - 1].info.type > moving.info.type; j--) list[j] = list[j - 1];
        list[j] = moving;
    }
}

uint32_t gpu_candidates_order(struct gpu_candidate *list, uint32_t count)
{
    const uint32_t kept = drop_doubles(list, count);
    sort_by_type(list, kept);
    return kept;
}

// How many there are. Where no driver finds hardware, the loader says VK_ERROR_INITIALIZATION_FAILED, which is no failure of ours.
static enum nephos_status count_devices(struct nephos_log *log, VkInstance instance, uint32_t *count)
{
    enum nephos_status status = NEPHOS_OK;
    const VkResult result =
        gpu_fault_hit(GPU_FAULT_CALL) ? VK_ERROR_OUT_OF_HOST_MEMORY : vkEnumeratePhysicalDevices(instance, count, NULL);
    if (result == VK_ERROR_INITIALIZATION_FAILED) {
        *count = 0;
    } else if (result < 0) {
        return gpu_vk_fail(log, result, "vkEnumeratePhysicalDevices", __FILE__, __LINE__);
    }
    if (*count == 0) {
        FAIL(log, NEPHOS_ERROR_NO_DEVICE,
             "the Vulkan drivers of this system offer no device; on Debian or Ubuntu: apt install mesa-vulkan-drivers (AMD, Intel, and a "
             "CPU driver), or the driver package of the GPU's vendor");
    }
fail:
    return status;
}

enum nephos_status gpu_candidates(struct nephos_log *log, VkInstance instance, struct gpu_candidate **list, uint32_t *count)
{
    enum nephos_status status = NEPHOS_OK;
    VkPhysicalDevice *devices = NULL;
    struct gpu_candidate *candidates = NULL;
    uint32_t found = 0;
    TRY(count_devices(log, instance, &found));
    devices = calloc(found + 1, sizeof *devices);
    candidates = calloc(found + 1, sizeof *candidates);
    if (!devices || !candidates) FAIL(log, NEPHOS_ERROR_MEMORY, "out of memory listing %u devices", found);
    VK_LOG(log, vkEnumeratePhysicalDevices(instance, &found, devices));
    for (uint32_t i = 0; i < found; i++) describe(devices[i], &candidates[i]);
    *list = candidates;
    *count = gpu_candidates_order(candidates, found);
    candidates = NULL;
fail:
    free(candidates);
    free(devices);
    return status;
}

// "0: llvmpipe (CPU driver text); 1: ... - unusable: reason"
static void list_text(const struct gpu_candidate *list, uint32_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < count && used < size; i++) {
        const struct nephos_device_info *info = &list[i].info;
        const int n = snprintf(text + used, size - used, "%s%u: %s%s%s", i ? "; " : "", i, info->name, info->usable ? "" : ", unusable: ",
                               info->reason);
        if (n < 0) return;
        used += (size_t)n;
    }
}

static bool contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

static const struct gpu_candidate *first_match(const struct gpu_candidate *list, uint32_t count, const char *part, bool usable)
{
    for (uint32_t i = 0; i < count; i++) {
        if (list[i].info.usable == usable && contains(list[i].info.name, part)) return &list[i];
    }
    return NULL;
}

static const struct gpu_candidate *match(const struct gpu_candidate *list, uint32_t count, const char *select)
{
    char *end;
    const unsigned long index = strtoul(select, &end, 10);
    if (*select >= '0' && *select <= '9' && *end == 0 && index < count) return &list[index];
    for (uint32_t i = 0; i < count; i++) {
        if (strcasecmp(list[i].info.uuid, select) == 0) return &list[i];
    }
    const struct gpu_candidate *usable = first_match(list, count, select, true);
    return usable ? usable : first_match(list, count, select, false);
}

enum nephos_status gpu_choose(struct nephos_log *log, const struct gpu_candidate *list, uint32_t count, const char *select,
                              const struct gpu_candidate **choice)
{
    char text[1024];
    const bool automatic = !select || !*select || strcasecmp(select, "auto") == 0;
    const struct gpu_candidate *found = automatic ? first_match(list, count, "", true) : match(list, count, select);
    if (found && found->info.usable) {
        *choice = found;
        return NEPHOS_OK;
    }
    if (found) return base_fail(log, NEPHOS_ERROR_NO_DEVICE, "device '%s' can't be used: it %s", found->info.name, found->info.reason);
    list_text(list, count, text, sizeof text);
    if (automatic) return base_fail(log, NEPHOS_ERROR_NO_DEVICE, "no usable Vulkan device; found %s", text);
    return base_fail(log, NEPHOS_ERROR_NO_DEVICE, "no device matches '%s' (an index, a part of the name or a UUID); found %s", select,
                     text);
}

enum nephos_status gpu_list(struct nephos_log *log, struct nephos_device_info *infos, size_t capacity, size_t *count)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu_instance instance = {0};
    struct gpu_candidate *list = NULL;
    uint32_t found = 0;
    if (!count || (capacity > 0 && !infos)) FAIL(log, NEPHOS_ERROR_ARGUMENT, "device list: no place for the result was given");
    TRY(gpu_instance_create(log, false, &instance));
    TRY(gpu_candidates(log, instance.handle, &list, &found));
    for (uint32_t i = 0; i < found && i < capacity; i++) infos[i] = list[i].info;
    *count = found;
fail:
    free(list);
    gpu_instance_destroy(&instance);
    return status;
}
