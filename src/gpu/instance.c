// SPDX-License-Identifier: MIT
// The Vulkan loader and instance, with the validation layer on wish.
#include "gpu/device.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

// volk keeps its entry points in globals. The loader's instance functions work for every instance, so they are set once.
static pthread_mutex_t loader_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool loader_ready, functions_ready;

static enum nephos_status loader_init(struct nephos_log *log)
{
    pthread_mutex_lock(&loader_mutex);
    if (!loader_ready) loader_ready = volkInitialize() == VK_SUCCESS;
    const bool ready = loader_ready;
    pthread_mutex_unlock(&loader_mutex);
    if (ready) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_NO_DEVICE,
                     "no Vulkan loader (libvulkan.so.1) on this system; on Debian or Ubuntu: apt install libvulkan1 mesa-vulkan-drivers, "
                     "or the driver package of the GPU's vendor");
}

static void functions_init(VkInstance instance)
{
    pthread_mutex_lock(&loader_mutex);
    if (!functions_ready) volkLoadInstanceOnly(instance);
    functions_ready = true;
    pthread_mutex_unlock(&loader_mutex);
}

static enum nephos_status has_layer(struct nephos_log *log, const char *name, bool *has)
{
    enum nephos_status status = NEPHOS_OK;
    VkLayerProperties *layers = NULL;
    uint32_t count = 0;
    *has = false;
    VK_LOG(log, vkEnumerateInstanceLayerProperties(&count, NULL));
    layers = calloc(count + 1, sizeof *layers);
    if (!layers) FAIL(log, NEPHOS_ERROR_MEMORY, "out of memory listing Vulkan layers");
    VK_LOG(log, vkEnumerateInstanceLayerProperties(&count, layers));
    for (uint32_t i = 0; i < count; i++) *has |= strcmp(layers[i].layerName, name) == 0;
fail:
    free(layers);
    return status;
}

static enum nephos_status has_extension(struct nephos_log *log, const char *name, bool *has)
{
    enum nephos_status status = NEPHOS_OK;
    VkExtensionProperties *extensions = NULL;
    uint32_t count = 0;
    *has = false;
    VK_LOG(log, vkEnumerateInstanceExtensionProperties(NULL, &count, NULL));
    extensions = calloc(count + 1, sizeof *extensions);
    if (!extensions) FAIL(log, NEPHOS_ERROR_MEMORY, "out of memory listing Vulkan extensions");
    VK_LOG(log, vkEnumerateInstanceExtensionProperties(NULL, &count, extensions));
    for (uint32_t i = 0; i < count; i++) *has |= strcmp(extensions[i].extensionName, name) == 0;
fail:
    free(extensions);
    return status;
}

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity, VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    (void)severity;
    (void)types;
    base_fail(user, NEPHOS_ERROR, "Vulkan validation: %s", data->pMessage ? data->pMessage : "(no text)");
    return VK_FALSE;
}

// An instance without a driver is refused in one of two ways, depending on the loader's age.
static enum nephos_status create(struct nephos_log *log, const VkInstanceCreateInfo *info, VkInstance *instance)
{
    enum nephos_status status = NEPHOS_OK;
    const VkResult result = gpu_fault_hit(GPU_FAULT_CALL) ? VK_ERROR_OUT_OF_HOST_MEMORY : vkCreateInstance(info, NULL, instance);
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
        FAIL(log, NEPHOS_ERROR_NO_DEVICE,
             "no Vulkan driver found; on Debian or Ubuntu: apt install mesa-vulkan-drivers (AMD, Intel, and a CPU driver), "
             "or the driver package of the GPU's vendor");
    }
    if (result < 0) return gpu_vk_fail(log, result, "vkCreateInstance", __FILE__, __LINE__);
fail:
    return status;
}

enum nephos_status gpu_instance_create(struct nephos_log *log, bool validation, struct gpu_instance *instance)
{
    enum nephos_status status = NEPHOS_OK;
    const char *layers[1], *extensions[2];
    uint32_t layer_count = 0, extension_count = 0;
    bool layer = false, portability = false;
    TRY(loader_init(log));
    if (validation) {
        TRY(has_layer(log, VALIDATION_LAYER, &layer));
        if (!layer) {
            FAIL(log, NEPHOS_ERROR, "validation was asked for, but the layer " VALIDATION_LAYER
                                    " is not installed; on Debian or Ubuntu: apt install vulkan-validationlayers");
        }
        layers[layer_count++] = VALIDATION_LAYER;
        extensions[extension_count++] = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    }
    TRY(has_extension(log, VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME, &portability));
    if (portability) extensions[extension_count++] = VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME;

    // Loader messages (GENERAL) are left out: a broken driver that nobody chose is no failure of ours.
    const VkDebugUtilsMessengerCreateInfoEXT messenger = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = log,
    };
    const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                           .pApplicationName = "nephos",
                                           .pEngineName = "nephos",
                                           .apiVersion = VK_API_VERSION_1_2};
    const VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = validation ? &messenger : NULL,
        .flags = portability ? VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR : 0,
        .pApplicationInfo = &application,
        .enabledLayerCount = layer_count,
        .ppEnabledLayerNames = layers,
        .enabledExtensionCount = extension_count,
        .ppEnabledExtensionNames = extensions,
    };
    TRY(create(log, &info, &instance->handle));
    functions_init(instance->handle);
    if (validation) {
        const PFN_vkCreateDebugUtilsMessengerEXT create_messenger =
            (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(instance->handle, "vkCreateDebugUtilsMessengerEXT");
        VK_LOG(log, create_messenger(instance->handle, &messenger, NULL, &instance->messenger));
    }
    return NEPHOS_OK;
fail:
    gpu_instance_destroy(instance);
    return status;
}

void gpu_instance_destroy(struct gpu_instance *instance)
{
    if (instance->messenger) {
        const PFN_vkDestroyDebugUtilsMessengerEXT destroy_messenger =
            (PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(instance->handle, "vkDestroyDebugUtilsMessengerEXT");
        destroy_messenger(instance->handle, instance->messenger, NULL);
    }
    if (instance->handle) vkDestroyInstance(instance->handle, NULL);
    *instance = (struct gpu_instance){0};
}
