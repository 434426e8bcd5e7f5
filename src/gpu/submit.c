// SPDX-License-Identifier: MIT
// The queue: submissions in order, each signalling the next value of one timeline, and bounded waits for them.
#include "gpu/device.h"

#include "base/clock.h"

#define STAGES (VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT)

// Seconds without any submission ending after which the device counts as hung. CPU devices are slow, not stuck.
enum { WATCHDOG_GPU = 60, WATCHDOG_CPU = 600 };

void gpu_cmd_barrier(struct gpu *gpu, VkCommandBuffer commands)
{
    const VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_UNIFORM_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT |
                         VK_ACCESS_TRANSFER_WRITE_BIT,
    };
    gpu->fn.vkCmdPipelineBarrier(commands, STAGES, STAGES, 0, 1, &barrier, 0, NULL, 0, NULL);
}

void gpu_cmd_barrier_host(struct gpu *gpu, VkCommandBuffer commands)
{
    const VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };
    gpu->fn.vkCmdPipelineBarrier(commands, STAGES, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0, NULL);
}

static VkResult queue_submit(struct gpu *gpu, const VkSubmitInfo *submit)
{
    if (gpu_fault_hit(GPU_FAULT_SUBMISSION)) return VK_ERROR_DEVICE_LOST;
    return gpu->fn.vkQueueSubmit(gpu->queue, 1, submit, VK_NULL_HANDLE);
}

enum nephos_status gpu_submit(struct gpu *gpu, VkCommandBuffer commands, uint64_t *ticket)
{
    enum nephos_status status = NEPHOS_OK;
    const uint64_t value = gpu->submitted + 1;
    const VkTimelineSemaphoreSubmitInfo timeline = {.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                                    .signalSemaphoreValueCount = 1,
                                                    .pSignalSemaphoreValues = &value};
    const VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &timeline,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
        .signalSemaphoreCount = 1,
        .pSignalSemaphores = &gpu->timeline,
    };
    TRY(gpu_alive(gpu));
    VK(gpu, queue_submit(gpu, &submit));
    gpu->submitted = value;
    if (ticket) *ticket = value;
fail:
    return status;
}

// One second at most, so that progress is seen.
static VkResult wait_a_while(struct gpu *gpu, uint64_t value)
{
    const VkSemaphoreWaitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO, .semaphoreCount = 1, .pSemaphores = &gpu->timeline, .pValues = &value};
    return gpu->fn.vkWaitSemaphores(gpu->device, &info, UINT64_C(1000000000));
}

enum nephos_status gpu_wait(struct gpu *gpu, uint64_t ticket)
{
    enum nephos_status status = NEPHOS_OK;
    const double limit = gpu->limits.software ? WATCHDOG_CPU : WATCHDOG_GPU;
    double progress_time = base_clock();
    uint64_t reached = 0, seen = 0;
    TRY(gpu_alive(gpu));
    if (ticket > gpu->submitted) FAIL(gpu->log, NEPHOS_ERROR_ARGUMENT, "wait for a submission that was never made");
    for (;;) {
        VK(gpu, wait_a_while(gpu, ticket));
        VK(gpu, gpu->fn.vkGetSemaphoreCounterValue(gpu->device, gpu->timeline, &reached));
        if (reached >= ticket) return NEPHOS_OK;
        if (reached > seen) {
            seen = reached;
            progress_time = base_clock();
        }
        if (base_clock() - progress_time > limit) {
            gpu->hung = true;
            gpu_lose(gpu);
            FAIL(gpu->log, NEPHOS_ERROR_DEVICE_LOST, "the device %s made no progress for %.0f s and counts as lost", gpu->info.name, limit);
        }
    }
fail:
    return status;
}

bool gpu_done(struct gpu *gpu, uint64_t ticket)
{
    uint64_t reached = 0;
    if (gpu->lost) return true; // nothing more will come; gpu_wait tells why
    return gpu->fn.vkGetSemaphoreCounterValue(gpu->device, gpu->timeline, &reached) < 0 || reached >= ticket;
}

enum nephos_status gpu_wait_idle(struct gpu *gpu)
{
    if (gpu->compiles_only) return NEPHOS_OK;
    if (!gpu->lost) return gpu_wait(gpu, gpu->submitted);
    if (!gpu->hung) gpu->fn.vkDeviceWaitIdle(gpu->device); // what still runs on a lost device ends in finite time
    return NEPHOS_ERROR_DEVICE_LOST;
}
