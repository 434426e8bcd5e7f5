// SPDX-License-Identifier: MIT
// Cooperative matrices of a device; none where this build's headers are older than VK_KHR_cooperative_matrix.
#ifndef GPU_MATRIX_H
#define GPU_MATRIX_H

#include "gpu/vk.h"

void gpu_matrices_find(VkPhysicalDevice physical, struct gpu_matrices *matrices);
bool gpu_matrices_any(const struct gpu_matrices *matrices);
// "16x16x16 16x8x16": M x N x K of each shape.
void gpu_matrices_describe(const struct gpu_matrix_list *list, char *text, size_t size);

// What a device is created with, so that all of it can be used: features chained in front of `next`, and at most
// GPU_MATRICES_EXTENSIONS extensions.
#define GPU_MATRICES_EXTENSIONS 3
struct gpu_matrices_features {
    VkPhysicalDeviceSubgroupSizeControlFeaturesEXT size;
#ifdef VK_KHR_cooperative_matrix
    VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix;
#endif
#ifdef VK_KHR_shader_bfloat16
    VkPhysicalDeviceShaderBfloat16FeaturesKHR bf16;
#endif
};
void *gpu_matrices_wish(const struct gpu_matrices *matrices, struct gpu_matrices_features *features, void *next);
uint32_t gpu_matrices_extensions(const struct gpu_matrices *matrices, const char **names);

#endif
