// SPDX-License-Identifier: MIT
// Blocking copies between host and device memory, in pieces of a staging buffer.
#include "gpu/device.h"

#include <string.h>

#define STAGING_MOST (UINT64_C(16) << 20)
#define STAGING_LEAST (UINT64_C(64) << 10)

// A sixteenth of the smallest host-visible heap at most, since that may be a window of a few MiB that others need too.
static uint64_t staging_size(const struct gpu *gpu)
{
    uint64_t size = STAGING_MOST;
    for (uint32_t i = 0; i < gpu->memory.memoryTypeCount; i++) {
        const VkMemoryType *type = &gpu->memory.memoryTypes[i];
        const uint64_t share = gpu->memory.memoryHeaps[type->heapIndex].size / 16;
        if ((type->propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) && share < size) size = share;
    }
    return size > STAGING_LEAST ? size & ~UINT64_C(4095) : STAGING_LEAST;
}

// Smaller and smaller while memory is short.
static enum nephos_status create_staging(struct gpu *gpu, enum gpu_memory memory, struct gpu_buffer **staging)
{
    if (*staging) return NEPHOS_OK;
    for (uint64_t size = staging_size(gpu); size > STAGING_LEAST; size /= 2) {
        if (gpu_buffer_try(gpu, memory, size, staging) == VK_SUCCESS) return NEPHOS_OK;
    }
    return gpu_buffer_create(gpu, memory, STAGING_LEAST, "staging", staging);
}

static enum nephos_status create_commands(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu_transfer *transfer = &gpu->transfer;
    const VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                          .flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
                                          .queueFamilyIndex = gpu->queue_family};
    if (!transfer->pool) VK(gpu, gpu->fn.vkCreateCommandPool(gpu->device, &pool, NULL, &transfer->pool));
    if (!transfer->commands) {
        const VkCommandBufferAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                  .commandPool = transfer->pool,
                                                  .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                                  .commandBufferCount = 1};
        VK(gpu, gpu->fn.vkAllocateCommandBuffers(gpu->device, &info, &transfer->commands));
    }
fail:
    return status;
}

static enum nephos_status begin(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    const VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                           .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
    TRY(create_commands(gpu));
    VK(gpu, gpu->fn.vkResetCommandPool(gpu->device, gpu->transfer.pool, 0));
    VK(gpu, gpu->fn.vkBeginCommandBuffer(gpu->transfer.commands, &info));
    gpu_cmd_barrier(gpu, gpu->transfer.commands);
fail:
    return status;
}

static enum nephos_status end(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    uint64_t ticket;
    gpu_cmd_barrier_host(gpu, gpu->transfer.commands);
    VK(gpu, gpu->fn.vkEndCommandBuffer(gpu->transfer.commands));
    TRY(gpu_submit(gpu, gpu->transfer.commands, &ticket));
    TRY(gpu_wait(gpu, ticket));
fail:
    return status;
}

static enum nephos_status copy(struct gpu *gpu, const struct gpu_buffer *from, const struct gpu_buffer *to, VkBufferCopy piece)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(begin(gpu));
    gpu->fn.vkCmdCopyBuffer(gpu->transfer.commands, from->handle, to->handle, 1, &piece);
    TRY(end(gpu));
fail:
    return status;
}

static enum nephos_status check(struct gpu *gpu, struct gpu_range range, const char *what)
{
    const enum nephos_status status = gpu_alive(gpu);
    if (status != NEPHOS_OK || gpu_range_inside(range)) return status;
    return base_fail(gpu->log, NEPHOS_ERROR_ARGUMENT, "%s: bytes %llu + %llu are outside a buffer of %llu", what,
                     (unsigned long long)range.offset, (unsigned long long)range.size,
                     (unsigned long long)(range.buffer ? range.buffer->size : 0));
}

static uint64_t piece_size(uint64_t left, const struct gpu_buffer *staging)
{
    return left < staging->size ? left : staging->size;
}

enum nephos_status gpu_upload(struct gpu *gpu, struct gpu_range to, const void *data)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(check(gpu, to, "upload"));
    TRY(create_staging(gpu, GPU_MEMORY_UPLOAD, &gpu->transfer.upload));
    for (uint64_t done = 0; done < to.size;) {
        const uint64_t size = piece_size(to.size - done, gpu->transfer.upload);
        memcpy(gpu->transfer.upload->map, (const char *)data + done, size);
        TRY(copy(gpu, gpu->transfer.upload, to.buffer, (VkBufferCopy){.dstOffset = to.offset + done, .size = size}));
        done += size;
    }
fail:
    return status;
}

enum nephos_status gpu_download(struct gpu *gpu, struct gpu_range from, void *data)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(check(gpu, from, "download"));
    TRY(create_staging(gpu, GPU_MEMORY_READBACK, &gpu->transfer.readback));
    for (uint64_t done = 0; done < from.size;) {
        const uint64_t size = piece_size(from.size - done, gpu->transfer.readback);
        TRY(copy(gpu, from.buffer, gpu->transfer.readback, (VkBufferCopy){.srcOffset = from.offset + done, .size = size}));
        memcpy((char *)data + done, gpu->transfer.readback->map, size);
        done += size;
    }
fail:
    return status;
}

enum nephos_status gpu_fill(struct gpu *gpu, struct gpu_range range, uint32_t word)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(check(gpu, range, "fill"));
    if ((range.offset | range.size) & 3) FAIL(gpu->log, NEPHOS_ERROR_ARGUMENT, "fill: offset and size must be multiples of 4 bytes");
    TRY(begin(gpu));
    gpu->fn.vkCmdFillBuffer(gpu->transfer.commands, range.buffer->handle, range.offset, range.size, word);
    TRY(end(gpu));
fail:
    return status;
}

void gpu_transfer_free(struct gpu *gpu)
{
    gpu->fn.vkDestroyCommandPool(gpu->device, gpu->transfer.pool, NULL);
    gpu_buffer_destroy(&gpu->transfer.upload);
    gpu_buffer_destroy(&gpu->transfer.readback);
}
