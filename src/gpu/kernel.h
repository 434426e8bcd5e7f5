// SPDX-License-Identifier: MIT
// A shader with its specialization constants, its layouts and, once compiled, its pipeline.
#ifndef GPU_KERNEL_H
#define GPU_KERNEL_H

#include "gpu/device.h"
#include "gpu/reflect.h"

struct gpu_kernel {
    const struct gpu_shader *shader;
    uint32_t spec[GPU_MAX_SPEC + 1], spec_count; // behind them `types`
    uint32_t types; // of its ranges, see gpu_dispatch
    struct gpu_reflection reflection;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline; // VK_NULL_HANDLE until gpu_kernels_compile
};

// gpu_kernel_get, for ranges of these types.
enum nephos_status gpu_kernel_get_typed(struct gpu *gpu, const struct gpu_shader *shader, uint32_t types, const uint32_t *spec,
                                        uint32_t spec_count, const struct gpu_kernel **kernel);
bool gpu_is_descriptor(const struct gpu_binding *binding);
VkDescriptorType gpu_descriptor_type(const struct gpu_binding *binding);
void gpu_kernels_free(struct gpu *gpu);

#endif
