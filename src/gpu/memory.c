// SPDX-License-Identifier: MIT
// Buffers, each with its own memory, and the choice of the memory type. The layers above ask for few, large buffers, so the
// driver's limit on the number of allocations (4096 at least) is far away.
#include "gpu/device.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define HOST (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)
#define UNWANTED \
    (VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD)
#define LOCAL VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT

// How well a type suits, higher is better; negative: not at all. Device memory that the host sees as well may be a small
// window (16 to 256 MiB) on a discrete card, so it comes second everywhere.
static int suitability(enum gpu_memory kind, VkMemoryPropertyFlags flags)
{
    const bool local = flags & LOCAL, visible = flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
    if (flags & UNWANTED) return -1;
    if (kind == GPU_MEMORY_DEVICE) return local ? 1 + !visible : -1;
    if ((flags & HOST) != HOST) return -1;
    const bool cached = flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
    return kind == GPU_MEMORY_UPLOAD ? 2 * !local + !cached : 2 * cached + !local;
}

static void query_budget(struct gpu *gpu, VkPhysicalDeviceMemoryBudgetPropertiesEXT *budget)
{
    *budget = (VkPhysicalDeviceMemoryBudgetPropertiesEXT){.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
    VkPhysicalDeviceMemoryProperties2 query = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, .pNext = budget};
    vkGetPhysicalDeviceMemoryProperties2(gpu->physical, &query);
}

// Bytes of a heap that are still free; all of it where the driver does not tell.
static uint64_t heap_free(struct gpu *gpu, uint32_t heap)
{
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget;
    if (!gpu->features.memory_budget) return gpu->memory.memoryHeaps[heap].size;
    query_budget(gpu, &budget);
    if (budget.heapBudget[heap] == 0) return gpu->memory.memoryHeaps[heap].size; // seen on drivers that don't fill it in
    return budget.heapBudget[heap] > budget.heapUsage[heap] ? budget.heapBudget[heap] - budget.heapUsage[heap] : 0;
}

void gpu_memory_refresh_budget(struct gpu *gpu)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < gpu->memory.memoryHeapCount; i++) {
        if (!(gpu->memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)) continue;
        const uint64_t bytes = heap_free(gpu, i);
        if (bytes > most) most = bytes;
    }
    gpu->limits.memory_budget = most;
}

uint32_t gpu_memory_type(struct gpu *gpu, enum gpu_memory kind, uint32_t allowed, uint64_t size)
{
    uint32_t best = UINT32_MAX;
    int best_score = -1;
    uint64_t best_heap = 0;
    for (uint32_t i = 0; i < gpu->memory.memoryTypeCount; i++) {
        const VkMemoryType *type = &gpu->memory.memoryTypes[i];
        const int score = suitability(kind, type->propertyFlags);
        const uint64_t heap = gpu->memory.memoryHeaps[type->heapIndex].size;
        if (!(allowed & (1u << i)) || score < 0 || size > heap_free(gpu, type->heapIndex)) continue;
        if (score < best_score || (score == best_score && heap <= best_heap)) continue;
        best = i;
        best_score = score;
        best_heap = heap;
    }
    return best;
}

// Tries one type after the other while memory is short.
static VkResult allocate(struct gpu *gpu, enum gpu_memory kind, VkBuffer buffer, VkDeviceMemory *memory)
{
    const VkMemoryAllocateFlagsInfo flags = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
                                             .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT};
    VkMemoryRequirements need;
    VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
    gpu->fn.vkGetBufferMemoryRequirements(gpu->device, buffer, &need);
    for (uint32_t allowed = need.memoryTypeBits; allowed;) {
        const uint32_t type = gpu_memory_type(gpu, kind, allowed, need.size);
        if (type == UINT32_MAX) break;
        const VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                           .pNext = gpu->features.addresses ? &flags : NULL,
                                           .allocationSize = need.size,
                                           .memoryTypeIndex = type};
        result = gpu_fault_hit(GPU_FAULT_CALL) ? VK_ERROR_OUT_OF_DEVICE_MEMORY : gpu->fn.vkAllocateMemory(gpu->device, &info, NULL, memory);
        if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY) break;
        allowed &= ~(1u << type);
    }
    return result;
}

static VkResult fill_in(struct gpu *gpu, enum gpu_memory kind, struct gpu_buffer *buffer)
{
    const VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = buffer->size,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT | (gpu->features.addresses ? VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT : 0),
    };
    VkResult result = gpu->fn.vkCreateBuffer(gpu->device, &info, NULL, &buffer->handle);
    if (result == VK_SUCCESS) result = allocate(gpu, kind, buffer->handle, &buffer->memory);
    if (result == VK_SUCCESS) result = gpu->fn.vkBindBufferMemory(gpu->device, buffer->handle, buffer->memory, 0);
    if (result == VK_SUCCESS && gpu->features.addresses) {
        const VkBufferDeviceAddressInfo of = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, .buffer = buffer->handle};
        buffer->address = gpu->fn.vkGetBufferDeviceAddress(gpu->device, &of);
    }
    if (result == VK_SUCCESS && kind != GPU_MEMORY_DEVICE) {
        result = gpu->fn.vkMapMemory(gpu->device, buffer->memory, 0, VK_WHOLE_SIZE, 0, &buffer->map);
    }
    return result;
}

static void release(struct gpu_buffer *buffer)
{
    struct gpu *gpu = buffer->gpu;
    gpu->fn.vkDestroyBuffer(gpu->device, buffer->handle, NULL);
    gpu->fn.vkFreeMemory(gpu->device, buffer->memory, NULL);
    gpu_memory_refresh_budget(gpu);
    free(buffer);
}

VkResult gpu_buffer_try(struct gpu *gpu, enum gpu_memory memory, uint64_t size, struct gpu_buffer **buffer)
{
    struct gpu_buffer *created = calloc(1, sizeof *created);
    if (!created) return VK_ERROR_OUT_OF_HOST_MEMORY;
    created->gpu = gpu;
    created->size = size;
    const VkResult result = fill_in(gpu, memory, created);
    if (result != VK_SUCCESS) {
        release(created);
        return result;
    }
    gpu_memory_refresh_budget(gpu);
    *buffer = created;
    return VK_SUCCESS;
}

enum nephos_status gpu_buffer_create(struct gpu *gpu, enum gpu_memory memory, uint64_t size, const char *label, struct gpu_buffer **buffer)
{
    enum nephos_status status = gpu_alive(gpu);
    const double mib = 1 << 20;
    if (status != NEPHOS_OK) return status;
    if (size == 0) return base_fail(gpu->log, NEPHOS_ERROR_ARGUMENT, "buffer '%s' has no size", label);
    if (size > gpu->limits.max_buffer_size) {
        return base_fail(gpu->log, NEPHOS_ERROR_MEMORY,
                         "buffer '%s' needs %.1f MiB, but a buffer of %s may have %.1f MiB at most; use a smaller batch or image size",
                         label, (double)size / mib, gpu->info.name, (double)gpu->limits.max_buffer_size / mib);
    }
    const VkResult result = gpu_buffer_try(gpu, memory, (size + 3) & ~UINT64_C(3), buffer);
    if (result == VK_SUCCESS) return NEPHOS_OK;
    if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY) {
        return gpu_call_fail(gpu, result, "vkAllocateMemory", __FILE__, __LINE__);
    }
    return base_fail(gpu->log, NEPHOS_ERROR_MEMORY,
                     "no memory for buffer '%s': %.1f MiB wanted, %.1f MiB free on %s; use a smaller batch or image size", label,
                     (double)size / mib, (double)gpu->limits.memory_budget / mib, gpu->info.name);
}

void gpu_buffer_destroy(struct gpu_buffer **buffer)
{
    if (!buffer || !*buffer) return;
    gpu_wait_idle((*buffer)->gpu); // a submission may still use it
    if (!(*buffer)->gpu->hung) release(*buffer);
    *buffer = NULL;
}

void *gpu_buffer_map(struct gpu_buffer *buffer)
{
    return buffer->map;
}

uint64_t gpu_buffer_size(const struct gpu_buffer *buffer)
{
    return buffer->size;
}

bool gpu_range_inside(struct gpu_range range)
{
    return range.buffer && range.size > 0 && range.offset <= range.buffer->size && range.size <= range.buffer->size - range.offset;
}
