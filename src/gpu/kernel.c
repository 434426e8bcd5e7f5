// SPDX-License-Identifier: MIT
// Kernels: found or made at recording, compiled together on several threads, because a pipeline takes from a millisecond to a
// second.
#include "gpu/kernel.h"

#include "gpu/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct gpu_kernel *find(struct gpu *gpu, const struct gpu_shader *shader, uint32_t types, const uint32_t *spec, uint32_t spec_count)
{
    for (uint32_t i = 0; i < gpu->kernel_count; i++) {
        struct gpu_kernel *kernel = gpu->kernels[i];
        if (kernel->shader != shader || kernel->types != types || kernel->spec_count != spec_count) continue;
        if (spec_count == 0 || memcmp(kernel->spec, spec, spec_count * sizeof *spec) == 0) return kernel;
    }
    return NULL;
}

static enum nephos_status check_group_size(struct gpu *gpu, const struct gpu_kernel *kernel)
{
    const uint32_t *size = kernel->reflection.group_size, *most = gpu->vk_limits.maxComputeWorkGroupSize;
    const uint64_t invocations = (uint64_t)size[0] * size[1] * size[2];
    if (size[0] <= most[0] && size[1] <= most[1] && size[2] <= most[2] && invocations <= gpu->limits.max_invocations) return NEPHOS_OK;
    return base_fail(gpu->log, NEPHOS_ERROR_ARGUMENT,
                     "kernel %s: a workgroup of %ux%ux%u invocations is more than %s can do (%ux%ux%u, %u in all)",
                     kernel->shader->name, size[0], size[1], size[2], gpu->info.name, most[0], most[1], most[2],
                     gpu->limits.max_invocations);
}

bool gpu_is_descriptor(const struct gpu_binding *binding)
{
    return binding->used && !binding->address;
}

VkDescriptorType gpu_descriptor_type(const struct gpu_binding *binding)
{
    return binding->uniform ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

static enum nephos_status create_layouts(struct gpu *gpu, struct gpu_kernel *kernel)
{
    enum nephos_status status = NEPHOS_OK;
    VkDescriptorSetLayoutBinding bindings[GPU_MAX_BINDINGS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < kernel->reflection.binding_count; i++) {
        if (!gpu_is_descriptor(&kernel->reflection.bindings[i])) continue;
        bindings[count++] = (VkDescriptorSetLayoutBinding){
            .binding = i,
            .descriptorType = gpu_descriptor_type(&kernel->reflection.bindings[i]),
            .descriptorCount = 1,
            .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
        };
    }
    const VkDescriptorSetLayoutCreateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = count, .pBindings = bindings};
    VK(gpu, gpu->fn.vkCreateDescriptorSetLayout(gpu->device, &set, NULL, &kernel->set_layout));
    const VkPushConstantRange push = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = GPU_MAX_PUSH};
    const VkPipelineLayoutCreateInfo layout = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &kernel->set_layout,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &push,
    };
    VK(gpu, gpu->fn.vkCreatePipelineLayout(gpu->device, &layout, NULL, &kernel->layout));
fail:
    return status;
}

static void destroy(struct gpu *gpu, struct gpu_kernel *kernel)
{
    gpu->fn.vkDestroyPipeline(gpu->device, kernel->pipeline, NULL);
    gpu->fn.vkDestroyPipelineLayout(gpu->device, kernel->layout, NULL);
    gpu->fn.vkDestroyDescriptorSetLayout(gpu->device, kernel->set_layout, NULL);
    free(kernel);
}

static enum nephos_status make_room(struct gpu *gpu)
{
    if (gpu->kernel_count < gpu->kernel_capacity) return NEPHOS_OK;
    const uint32_t capacity = gpu->kernel_capacity ? 2 * gpu->kernel_capacity : 64;
    struct gpu_kernel **kernels = realloc(gpu->kernels, capacity * sizeof *kernels);
    if (!kernels) return base_fail(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for %u kernels", capacity);
    gpu->kernels = kernels;
    gpu->kernel_capacity = capacity;
    return NEPHOS_OK;
}

enum nephos_status gpu_kernel_get(struct gpu *gpu, const struct gpu_shader *shader, const uint32_t *spec, uint32_t spec_count,
                                  const struct gpu_kernel **kernel)
{
    return gpu_kernel_get_typed(gpu, shader, 0, spec, spec_count, kernel);
}

enum nephos_status gpu_kernel_get_typed(struct gpu *gpu, const struct gpu_shader *shader, uint32_t types, const uint32_t *spec,
                                        uint32_t spec_count, const struct gpu_kernel **kernel)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu_kernel *made = NULL;
    TRY(gpu_alive(gpu));
    if (spec_count > GPU_MAX_SPEC) {
        FAIL(gpu->log, NEPHOS_ERROR_ARGUMENT, "kernel %s: %u specialization constants, %d at most", shader->name, spec_count, GPU_MAX_SPEC);
    }
    *kernel = find(gpu, shader, types, spec, spec_count);
    if (*kernel) return NEPHOS_OK;
    TRY(make_room(gpu));
    made = calloc(1, sizeof *made);
    if (!made) FAIL(gpu->log, NEPHOS_ERROR_MEMORY, "kernel %s: out of memory", shader->name);
    made->shader = shader;
    made->spec_count = spec_count;
    made->types = made->spec[GPU_MAX_SPEC] = types;
    if (spec_count) memcpy(made->spec, spec, spec_count * sizeof *spec);
    TRY(gpu_reflect(gpu->log, shader, spec, spec_count, &made->reflection));
    if (types && !made->reflection.typed)
        FAIL(gpu->log, NEPHOS_ERROR_ARGUMENT, "kernel %s: knows no ranges of 16-bit elements", shader->name);
    TRY(check_group_size(gpu, made));
    TRY(create_layouts(gpu, made));
    gpu->kernels[gpu->kernel_count++] = made;
    *kernel = made;
    return NEPHOS_OK;
fail:
    if (made) destroy(gpu, made);
    return status;
}

static enum nephos_status compile(struct gpu *gpu, struct gpu_kernel *kernel)
{
    enum nephos_status status = NEPHOS_OK;
    VkShaderModule module = VK_NULL_HANDLE;
    VkSpecializationMapEntry entries[GPU_MAX_SPEC + 1];
    uint32_t entry_count = kernel->spec_count;
    for (uint32_t i = 0; i < entry_count; i++) entries[i] = (VkSpecializationMapEntry){.constantID = i, .offset = 4 * i, .size = 4};
    const VkSpecializationMapEntry types = {.constantID = GPU_MAX_SPEC, .offset = 4 * GPU_MAX_SPEC, .size = 4};
    if (kernel->types) entries[entry_count++] = types;
    const VkSpecializationInfo specialization = {
        .mapEntryCount = entry_count, .pMapEntries = entries, .dataSize = sizeof kernel->spec, .pData = kernel->spec};
    const VkShaderModuleCreateInfo module_info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = kernel->shader->code_size, .pCode = kernel->shader->code};
    VK(gpu, gpu->fn.vkCreateShaderModule(gpu->device, &module_info, NULL, &module));
    const VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT subgroup = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO_EXT,
        .requiredSubgroupSize = gpu->matrices.subgroup};
    const bool matrices = kernel->reflection.matrices;
    const VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .flags = gpu->features.statistics ? VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR : 0,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .pNext = matrices && gpu->matrices.subgroup_chosen ? &subgroup : NULL,
                  .flags = matrices ? VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT : 0,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module,
                  .pName = "main",
                  .pSpecializationInfo = &specialization},
        .layout = kernel->layout,
    };
    VK(gpu, gpu->fn.vkCreateComputePipelines(gpu->device, gpu->cache, 1, &info, NULL, &kernel->pipeline));
fail:
    gpu->fn.vkDestroyShaderModule(gpu->device, module, NULL);
    return status;
}

// Work shared by the compiling threads: they take kernels in turn until one fails.
struct compilation {
    struct gpu *gpu;
    atomic_uint next;
    atomic_int status;
};

static void *compile_some(void *argument)
{
    struct compilation *work = argument;
    struct gpu *gpu = work->gpu;
    for (;;) {
        const unsigned i = atomic_fetch_add(&work->next, 1);
        if (i >= gpu->kernel_count || atomic_load(&work->status) != NEPHOS_OK) return NULL;
        if (gpu->kernels[i]->pipeline) continue;
        const enum nephos_status status = compile(gpu, gpu->kernels[i]);
        if (status != NEPHOS_OK) atomic_store(&work->status, status);
    }
}

static uint32_t pending_count(const struct gpu *gpu)
{
    uint32_t pending = 0;
    for (uint32_t i = 0; i < gpu->kernel_count; i++) pending += !gpu->kernels[i]->pipeline;
    return pending;
}

#define MOST_THREADS 64

enum nephos_status gpu_kernels_compile(struct gpu *gpu)
{
    enum nephos_status status = gpu_alive(gpu);
    const uint32_t pending = pending_count(gpu);
    if (status != NEPHOS_OK || pending == 0) return status;
    struct compilation work = {.gpu = gpu};
    pthread_t threads[MOST_THREADS];
    uint32_t wanted = gpu->threads < pending ? gpu->threads : pending, started = 0;
    if (wanted > MOST_THREADS) wanted = MOST_THREADS;
    // This thread works too; where no thread can be started it does everything.
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, compile_some, &work) == 0) started++;
    compile_some(&work);
    for (uint32_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    status = (enum nephos_status)atomic_load(&work.status);
    if (status == NEPHOS_OK) gpu_cache_save(gpu);
    return status;
}

void gpu_kernels_free(struct gpu *gpu)
{
    for (uint32_t i = 0; i < gpu->kernel_count; i++) destroy(gpu, gpu->kernels[i]);
    free(gpu->kernels);
    gpu->kernels = NULL;
    gpu->kernel_count = gpu->kernel_capacity = 0;
}
