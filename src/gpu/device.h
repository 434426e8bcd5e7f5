// SPDX-License-Identifier: MIT
// What an open gpu consists of; shared by the files of this folder.
#ifndef GPU_DEVICE_H
#define GPU_DEVICE_H

#include "gpu/vk.h"

#include <stdatomic.h>

// --- instance.c -------------------------------------------------------------------------------------------------------

struct gpu_instance {
    VkInstance handle;
    VkDebugUtilsMessengerEXT messenger;
};

enum nephos_status gpu_instance_create(struct nephos_log *log, bool validation, struct gpu_instance *instance);
void gpu_instance_destroy(struct gpu_instance *instance);

// --- choose.c ---------------------------------------------------------------------------------------------------------

struct gpu_candidate {
    VkPhysicalDevice physical;
    uint32_t driver; // VkDriverId
    uint32_t queue_family;
    struct nephos_device_info info;
    struct gpu_matrices matrices;
};

// All physical devices in order of preference, without doubles; *list is malloc'ed. NEPHOS_ERROR_NO_DEVICE when there is none.
enum nephos_status gpu_candidates(struct nephos_log *log, VkInstance instance, struct gpu_candidate **list, uint32_t *count);
// Puts a list in that order and drops the doubles; returns how many are left.
uint32_t gpu_candidates_order(struct gpu_candidate *list, uint32_t count);
// The one that `select` (nephos_device_params.select) means.
enum nephos_status gpu_choose(struct nephos_log *log, const struct gpu_candidate *list, uint32_t count, const char *select,
                              const struct gpu_candidate **choice);

// --- device.c ---------------------------------------------------------------------------------------------------------

struct gpu_kernel;
struct gpu_profile;

// What the device offers beyond the Vulkan 1.2 core; all of it is switched on.
struct gpu_features {
    bool memory_budget, fault, maintenance4, portability, statistics;
    bool addresses;          // buffer addresses in kernels, and the 64-bit integers to compute with them
    bool float16, storage16; // arithmetic on halves; halves in storage buffers
};

struct gpu_note {
    char *key, *value;
};
struct gpu_notes {
    struct gpu_note *list;
    uint32_t count, capacity;
    char *path; // NULL: not kept
    bool changed;
};

// Staging buffers and the command buffer of blocking copies; made at the first one.
struct gpu_transfer {
    struct gpu_buffer *upload, *readback;
    VkCommandPool pool;
    VkCommandBuffer commands;
};

struct gpu {
    struct nephos_log *log;
    struct gpu_instance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    struct VolkDeviceTable fn;
    VkQueue queue;
    uint32_t queue_family, driver;
    struct nephos_device_info info;
    struct gpu_features features;
    struct gpu_matrices matrices;
    struct gpu_limits limits;
    VkPhysicalDeviceLimits vk_limits;
    VkPhysicalDeviceMemoryProperties memory;
    uint32_t vendor_id, device_id, driver_version;
    uint8_t cache_uuid[VK_UUID_SIZE];
    uint32_t timestamp_bits; // 0: no timestamps
    char wish[64]; // params.kernels
    bool baseline_only, compiles_only;
    atomic_bool lost; // compiling threads may find out
    bool hung; // the watchdog gave up: the device may still be using our objects
    uint32_t threads;

    VkSemaphore timeline;
    uint64_t submitted; // value the newest submission signals

    struct gpu_transfer transfer;
    struct gpu_buffer *dummy; // bound where a kernel gets an empty range

    struct gpu_kernel **kernels;
    uint32_t kernel_count, kernel_capacity;
    VkPipelineCache cache;
    char *cache_path;
    struct gpu_notes notes;
    uint64_t cache_saved; // hash of the driver's cache when it was loaded or written last

    struct gpu_stream *streams; // all that exist: the profile collects from them
    struct gpu_profile *profile;
};

// --- features.c -------------------------------------------------------------------------------------------------------

enum nephos_status gpu_features_probe(struct gpu *gpu);
enum nephos_status gpu_features_create_device(struct gpu *gpu);
// Tells the layers above, through the limits, what kernels beyond the baseline may use.
void gpu_features_offer(struct gpu *gpu);

// As gpu_open, for a device that may have nothing but a compiler: streams can be recorded and kernels compiled (with the driver's
// statistics where it has them), but nothing can run.
enum nephos_status gpu_open_compiler(struct nephos_log *log, const struct nephos_device_params *params, struct gpu **gpu);
// NEPHOS_OK, or NEPHOS_ERROR_DEVICE_LOST with a message when the device is gone.
enum nephos_status gpu_alive(struct gpu *gpu);
// Marks the device lost and logs what the driver knows.
void gpu_lose(struct gpu *gpu);

// --- memory.c ---------------------------------------------------------------------------------------------------------

struct gpu_buffer {
    struct gpu *gpu;
    VkBuffer handle;
    VkDeviceMemory memory;
    uint64_t size;
    uint64_t address; // on the device; 0 where kernels can't use addresses
    void *map;
};

// As gpu_buffer_create, but tells an expected failure by the result instead of a message.
VkResult gpu_buffer_try(struct gpu *gpu, enum gpu_memory memory, uint64_t size, struct gpu_buffer **buffer);
// The best type among the bits of `allowed` with room for `size` bytes; among equals the one in the larger heap. UINT32_MAX: none.
uint32_t gpu_memory_type(struct gpu *gpu, enum gpu_memory kind, uint32_t allowed, uint64_t size);
void gpu_memory_refresh_budget(struct gpu *gpu);
// True if the range lies inside its buffer.
bool gpu_range_inside(struct gpu_range range);

// --- transfer.c -------------------------------------------------------------------------------------------------------

void gpu_transfer_free(struct gpu *gpu);

// --- submit.c ---------------------------------------------------------------------------------------------------------

// Everything before waits for everything behind, caches included; this is also how a command buffer starts, because
// submissions to one queue may otherwise overlap.
void gpu_cmd_barrier(struct gpu *gpu, VkCommandBuffer commands);
// Makes what was written visible to the host, once the submission has ended.
void gpu_cmd_barrier_host(struct gpu *gpu, VkCommandBuffer commands);
enum nephos_status gpu_submit(struct gpu *gpu, VkCommandBuffer commands, uint64_t *ticket);
enum nephos_status gpu_wait_idle(struct gpu *gpu);

#endif
