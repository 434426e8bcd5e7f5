// SPDX-License-Identifier: MIT
// From the list of commands to what Vulkan replays: descriptor sets once, command buffers for every cut of the list.
#include "gpu/stream.h"

#include <stdlib.h>

static enum nephos_status create_descriptor_pool(struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    uint32_t storage = 0, uniform = 0;
    for (uint32_t i = 0; i < stream->count; i++) {
        const struct gpu_kernel *kernel = stream->commands[i].kernel;
        for (uint32_t b = 0; kernel && b < kernel->reflection.binding_count; b++) {
            if (!gpu_is_descriptor(&kernel->reflection.bindings[b])) continue;
            kernel->reflection.bindings[b].uniform ? uniform++ : storage++;
        }
    }
    const VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, storage + 1},
                                          {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, uniform + 1}};
    const VkDescriptorPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = stream->dispatch_count + 1,
        .poolSizeCount = ARRAY_COUNT(sizes),
        .pPoolSizes = sizes,
    };
    VK(gpu, gpu->fn.vkCreateDescriptorPool(gpu->device, &info, NULL, &stream->descriptors));
fail:
    return status;
}

static void write_set(struct gpu *gpu, const struct gpu_command *command)
{
    VkDescriptorBufferInfo buffers[GPU_MAX_BINDINGS];
    VkWriteDescriptorSet writes[GPU_MAX_BINDINGS];
    uint32_t count = 0;
    for (uint32_t b = 0; b < command->kernel->reflection.binding_count; b++) {
        const struct gpu_binding *binding = &command->kernel->reflection.bindings[b];
        const struct gpu_range range = command->ranges[b];
        if (!gpu_is_descriptor(binding)) continue;
        const struct gpu_buffer *buffer = range.buffer ? range.buffer : gpu->dummy;
        buffers[count] = (VkDescriptorBufferInfo){buffer->handle, range.buffer ? range.offset : 0,
                                                  range.buffer ? range.size : buffer->size};
        writes[count] = (VkWriteDescriptorSet){
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = command->set,
            .dstBinding = b,
            .descriptorCount = 1,
            .descriptorType = gpu_descriptor_type(binding),
            .pBufferInfo = &buffers[count],
        };
        count++;
    }
    gpu->fn.vkUpdateDescriptorSets(gpu->device, count, writes, 0, NULL);
}

static enum nephos_status create_sets(struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    TRY(create_descriptor_pool(stream));
    for (uint32_t i = 0; i < stream->count; i++) {
        struct gpu_command *command = &stream->commands[i];
        if (command->kind != GPU_COMMAND_DISPATCH) continue;
        const VkDescriptorSetAllocateInfo info = {
            .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
            .descriptorPool = stream->descriptors,
            .descriptorSetCount = 1,
            .pSetLayouts = &command->kernel->set_layout,
        };
        VK(gpu, gpu->fn.vkAllocateDescriptorSets(gpu->device, &info, &command->set));
        write_set(gpu, command);
    }
fail:
    return status;
}

static void cmd_dispatch(struct gpu *gpu, VkCommandBuffer to, const struct gpu_command *command)
{
    const struct gpu_kernel *kernel = command->kernel;
    gpu->fn.vkCmdBindPipeline(to, VK_PIPELINE_BIND_POINT_COMPUTE, kernel->pipeline);
    gpu->fn.vkCmdBindDescriptorSets(to, VK_PIPELINE_BIND_POINT_COMPUTE, kernel->layout, 0, 1, &command->set, 0, NULL);
    if (command->push_size) {
        gpu->fn.vkCmdPushConstants(to, kernel->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, command->push_size, command->push);
    }
    gpu->fn.vkCmdDispatch(to, command->groups[0], command->groups[1], command->groups[2]);
}

static void cmd(struct gpu *gpu, VkCommandBuffer to, const struct gpu_command *command)
{
    const struct gpu_range target = command->ranges[0], source = command->ranges[1];
    switch (command->kind) {
    case GPU_COMMAND_DISPATCH: cmd_dispatch(gpu, to, command); break;
    case GPU_COMMAND_COPY:
        gpu->fn.vkCmdCopyBuffer(to, source.buffer->handle, target.buffer->handle, 1,
                                &(VkBufferCopy){source.offset, target.offset, target.size});
        break;
    case GPU_COMMAND_FILL: gpu->fn.vkCmdFillBuffer(to, target.buffer->handle, target.offset, target.size, command->word); break;
    }
}

static void timestamp(struct gpu_stream *stream, VkCommandBuffer to, uint32_t query)
{
    if (stream->queries) stream->gpu->fn.vkCmdWriteTimestamp(to, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, stream->queries, query);
}

// With a profile every command waits for the one before: a kernel's time is its own then.
static void cmd_all(struct gpu_stream *stream, const struct gpu_segment *segment)
{
    struct gpu *gpu = stream->gpu;
    const bool each = gpu->profile;
    timestamp(stream, segment->commands, segment->query);
    for (uint32_t i = 0; i < segment->count; i++) {
        const struct gpu_command *command = &stream->commands[segment->first + i];
        if (i > 0 && (command->barrier || each)) gpu_cmd_barrier(gpu, segment->commands);
        cmd(gpu, segment->commands, command);
        if (each) timestamp(stream, segment->commands, segment->query + 1 + i);
    }
    if (!each) timestamp(stream, segment->commands, segment->query + 1);
}

static enum nephos_status record(struct gpu_stream *stream, const struct gpu_segment *segment)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    // The same commands may be queued twice; that is what a replay without a wait in between does.
    const VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                           .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT};
    VK(gpu, gpu->fn.vkBeginCommandBuffer(segment->commands, &info));
    if (stream->queries) gpu->fn.vkCmdResetQueryPool(segment->commands, stream->queries, segment->query, segment->query_count);
    gpu_cmd_barrier(gpu, segment->commands);
    cmd_all(stream, segment);
    gpu_cmd_barrier_host(gpu, segment->commands);
    VK(gpu, gpu->fn.vkEndCommandBuffer(segment->commands));
fail:
    return status;
}

static enum nephos_status create_queries(struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    uint32_t count = 0;
    for (uint32_t s = 0; s < stream->segment_count; s++) {
        struct gpu_segment *segment = &stream->segments[s];
        segment->query = count;
        segment->query_count = gpu->profile ? segment->count + 1 : 2;
        count += segment->query_count;
    }
    gpu->fn.vkDestroyQueryPool(gpu->device, stream->queries, NULL);
    stream->queries = VK_NULL_HANDLE;
    if (!gpu->timestamp_bits || count == 0) return NEPHOS_OK;
    const VkQueryPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO, .queryType = VK_QUERY_TYPE_TIMESTAMP, .queryCount = count};
    VK(gpu, gpu->fn.vkCreateQueryPool(gpu->device, &info, NULL, &stream->queries));
fail:
    return status;
}

static enum nephos_status allocate_commands(struct gpu_stream *stream, struct gpu_segment *segment)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    const VkCommandBufferAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                              .commandPool = stream->pool,
                                              .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                              .commandBufferCount = 1};
    VK(gpu, gpu->fn.vkAllocateCommandBuffers(gpu->device, &info, &segment->commands));
fail:
    return status;
}

enum nephos_status gpu_replay_cut(struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    const VkCommandPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .queueFamilyIndex = gpu->queue_family};
    gpu->fn.vkDestroyCommandPool(gpu->device, stream->pool, NULL);
    stream->pool = VK_NULL_HANDLE;
    VK(gpu, gpu->fn.vkCreateCommandPool(gpu->device, &info, NULL, &stream->pool));
    TRY(gpu_segments_plan(stream));
    TRY(create_queries(stream));
    for (uint32_t s = 0; s < stream->segment_count; s++) {
        TRY(allocate_commands(stream, &stream->segments[s]));
        TRY(record(stream, &stream->segments[s]));
    }
fail:
    return status;
}

enum nephos_status gpu_replay_prepare(struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(create_sets(stream));
    TRY(gpu_replay_cut(stream));
fail:
    return status;
}

void gpu_replay_free(struct gpu_stream *stream)
{
    struct gpu *gpu = stream->gpu;
    gpu->fn.vkDestroyQueryPool(gpu->device, stream->queries, NULL);
    gpu->fn.vkDestroyCommandPool(gpu->device, stream->pool, NULL);
    gpu->fn.vkDestroyDescriptorPool(gpu->device, stream->descriptors, NULL);
}
