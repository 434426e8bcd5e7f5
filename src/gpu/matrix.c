// SPDX-License-Identifier: MIT
// Cooperative matrices: which shapes a device multiplies, and what pipelines that use them need.
#include "gpu/matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A subgroup size that suits matrices on every device known to let one choose: on AMD's, half of the largest.
#define PREFERRED_SUBGROUP 32

#ifdef VK_KHR_cooperative_matrix

static bool has_extension(VkPhysicalDevice physical, const char *name)
{
    uint32_t count = 0;
    bool found = false;
    if (vkEnumerateDeviceExtensionProperties(physical, NULL, &count, NULL) < 0) return false;
    VkExtensionProperties *extensions = calloc(count + 1, sizeof *extensions);
    if (!extensions || vkEnumerateDeviceExtensionProperties(physical, NULL, &count, extensions) < 0) count = 0;
    for (uint32_t i = 0; i < count; i++) found |= strcmp(extensions[i].extensionName, name) == 0;
    free(extensions);
    return found;
}

static bool has_features(VkPhysicalDevice physical)
{
    VkPhysicalDeviceSubgroupSizeControlFeaturesEXT size = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT};
    VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
                                                           .pNext = &size};
    VkPhysicalDeviceVulkan12Features twelve = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &matrix};
    VkPhysicalDeviceFeatures2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &twelve};
    vkGetPhysicalDeviceFeatures2(physical, &all);
    return matrix.cooperativeMatrix && size.computeFullSubgroups && twelve.vulkanMemoryModel && twelve.shaderFloat16;
}

#ifdef VK_KHR_shader_bfloat16
static bool has_bf16(VkPhysicalDevice physical)
{
    if (!has_extension(physical, VK_KHR_SHADER_BFLOAT16_EXTENSION_NAME)) return false;
    VkPhysicalDeviceShaderBfloat16FeaturesKHR bf16 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR};
    VkPhysicalDeviceFeatures2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &bf16};
    vkGetPhysicalDeviceFeatures2(physical, &all);
    return bf16.shaderBFloat16Type && bf16.shaderBFloat16CooperativeMatrix;
}
#endif

// The subgroup size that kernels with matrices get, 0 where compute kernels can't have them or lavapipe would crash: with vectors of
// 512 bits (subgroups of 16) it does, up to 26.2.6.
static uint32_t find_subgroup(VkPhysicalDevice physical, bool *chosen)
{
    VkPhysicalDeviceSubgroupSizeControlPropertiesEXT size = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES_EXT};
    VkPhysicalDeviceCooperativeMatrixPropertiesKHR matrix = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_PROPERTIES_KHR,
                                                             .pNext = &size};
    VkPhysicalDeviceVulkan12Properties twelve = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES, .pNext = &matrix};
    VkPhysicalDeviceVulkan11Properties eleven = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES, .pNext = &twelve};
    VkPhysicalDeviceProperties2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &eleven};
    vkGetPhysicalDeviceProperties2(physical, &all);
    if (!(matrix.cooperativeMatrixSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT)) return 0;
    if (twelve.driverID == VK_DRIVER_ID_MESA_LLVMPIPE && eleven.subgroupSize > 8) return 0;
    *chosen = (size.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) && size.minSubgroupSize <= PREFERRED_SUBGROUP &&
              PREFERRED_SUBGROUP <= size.maxSubgroupSize && eleven.subgroupSize != PREFERRED_SUBGROUP;
    return *chosen ? PREFERRED_SUBGROUP : eleven.subgroupSize;
}

// GPU_FP32: the matrices are not what our kernels multiply.
static enum gpu_type factor_of(const VkCooperativeMatrixPropertiesKHR *p, bool bf16)
{
    const bool same = p->BType == p->AType && p->ResultType == p->CType;
    if (!same || p->CType != VK_COMPONENT_TYPE_FLOAT32_KHR || p->scope != VK_SCOPE_SUBGROUP_KHR) return GPU_FP32;
    if (p->AType == VK_COMPONENT_TYPE_FLOAT16_KHR) return GPU_FP16;
#ifdef VK_KHR_shader_bfloat16
    if (p->AType == VK_COMPONENT_TYPE_BFLOAT16_KHR && bf16) return GPU_BF16;
#else
    (void)bf16;
#endif
    return GPU_FP32;
}

static uint32_t volume(struct gpu_matrix shape)
{
    return shape.m * shape.n * shape.k;
}

// Keeps the list in order, largest first, and short.
static void insert(struct gpu_matrix_list *list, struct gpu_matrix shape)
{
    uint32_t at = list->count;
    while (at > 0 && volume(list->shapes[at - 1]) < volume(shape)) at--;
    if (at == GPU_MAX_MATRICES) return;
    if (list->count < GPU_MAX_MATRICES) list->count++;
    for (uint32_t i = list->count - 1; i > at; i--) list->shapes[i] = list->shapes[i - 1];
    list->shapes[at] = shape;
}

static bool is_possible(VkPhysicalDevice physical)
{
    return vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR && has_extension(physical, VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME) &&
           has_extension(physical, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME) && has_features(physical);
}

void gpu_matrices_find(VkPhysicalDevice physical, struct gpu_matrices *matrices)
{
    uint32_t count = 0;
    bool bf16 = false;
    *matrices = (struct gpu_matrices){0};
    if (!is_possible(physical)) return;
#ifdef VK_KHR_shader_bfloat16
    bf16 = has_bf16(physical);
#endif
    matrices->subgroup = find_subgroup(physical, &matrices->subgroup_chosen);
    if (!matrices->subgroup || vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physical, &count, NULL) < 0) return;
    VkCooperativeMatrixPropertiesKHR *rows = calloc(count + 1, sizeof *rows);
    for (uint32_t i = 0; rows && i < count; i++) rows[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
    if (!rows || vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physical, &count, rows) < 0) count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const enum gpu_type factor = factor_of(&rows[i], bf16);
        if (factor != GPU_FP32) insert(&matrices->of[factor], (struct gpu_matrix){rows[i].MSize, rows[i].NSize, rows[i].KSize});
    }
    free(rows);
}

void *gpu_matrices_wish(const struct gpu_matrices *matrices, struct gpu_matrices_features *features, void *next)
{
    if (!gpu_matrices_any(matrices)) return next;
    features->size = (VkPhysicalDeviceSubgroupSizeControlFeaturesEXT){
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT,
        .pNext = next,
        .subgroupSizeControl = matrices->subgroup_chosen,
        .computeFullSubgroups = VK_TRUE,
    };
    features->matrix = (VkPhysicalDeviceCooperativeMatrixFeaturesKHR){
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR, .pNext = &features->size, .cooperativeMatrix = VK_TRUE};
    if (!matrices->of[GPU_BF16].count) return &features->matrix;
#ifdef VK_KHR_shader_bfloat16
    features->bf16 = (VkPhysicalDeviceShaderBfloat16FeaturesKHR){
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR,
        .pNext = &features->matrix,
        .shaderBFloat16Type = VK_TRUE,
        .shaderBFloat16CooperativeMatrix = VK_TRUE,
    };
    return &features->bf16;
#else
    return &features->matrix;
#endif
}

uint32_t gpu_matrices_extensions(const struct gpu_matrices *matrices, const char **names)
{
    uint32_t count = 0;
    if (!gpu_matrices_any(matrices)) return 0;
    names[count++] = VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME;
    names[count++] = VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
#ifdef VK_KHR_shader_bfloat16
    if (matrices->of[GPU_BF16].count) names[count++] = VK_KHR_SHADER_BFLOAT16_EXTENSION_NAME;
#endif
    return count;
}

#else // headers older than the extension

void gpu_matrices_find(VkPhysicalDevice physical, struct gpu_matrices *matrices)
{
    (void)physical;
    *matrices = (struct gpu_matrices){0};
}

void *gpu_matrices_wish(const struct gpu_matrices *matrices, struct gpu_matrices_features *features, void *next)
{
    (void)matrices;
    (void)features;
    return next;
}

uint32_t gpu_matrices_extensions(const struct gpu_matrices *matrices, const char **names)
{
    (void)matrices;
    (void)names;
    return 0;
}

#endif

bool gpu_matrices_any(const struct gpu_matrices *matrices)
{
    uint32_t count = 0;
    for (int factor = 0; factor < GPU_TYPES; factor++) count += matrices->of[factor].count;
    return count > 0;
}

void gpu_matrices_describe(const struct gpu_matrix_list *list, char *text, size_t size)
{
    *text = '\0';
    for (uint32_t i = 0; i < list->count; i++) {
        const struct gpu_matrix s = list->shapes[i];
        const size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%ux%ux%u", i ? " " : "", s.m, s.n, s.k);
    }
}
