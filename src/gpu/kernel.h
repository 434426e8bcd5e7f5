// SPDX-License-Identifier: MIT
// A shader with its specialization constants, its layouts and, once compiled, its pipeline.
#ifndef GPU_KERNEL_H
#define GPU_KERNEL_H

#include "gpu/device.h"
#include "gpu/reflect.h"

struct gpu_kernel {
    const struct gpu_shader *shader;
    uint32_t spec[GPU_MAX_SPEC], spec_count;
    struct gpu_reflection reflection;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline; // VK_NULL_HANDLE until gpu_kernels_compile
};

bool gpu_is_descriptor(const struct gpu_binding *binding);
VkDescriptorType gpu_descriptor_type(const struct gpu_binding *binding);
void gpu_kernels_free(struct gpu *gpu);

#endif
