// SPDX-License-Identifier: MIT
// The pipeline cache file. Drivers are not trusted to check what they are given: an envelope in front of their data names the
// device, driver and size, and carries a checksum. Anything that does not fit exactly is ignored.
#include "gpu/cache.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_MOST (UINT64_C(256) << 20) // bytes of a file that is still read

// As it is in the file; native byte order, since the content is of this machine's driver anyway.
struct envelope {
    char magic[8];
    uint32_t version, vendor_id, device_id, driver_version;
    uint8_t uuid[VK_UUID_SIZE];
    uint64_t size;     // bytes of the driver's data, which follows
    uint64_t checksum; // of the driver's data and of the fields above
};

static const char magic[] = "nephospc";

// FNV-1a, 64 bits.
static uint64_t hash(uint64_t state, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) state = (state ^ bytes[i]) * UINT64_C(0x100000001b3);
    return state;
}

static uint64_t checksum(const struct envelope *envelope, const void *data)
{
    const uint64_t head = hash(UINT64_C(0xcbf29ce484222325), envelope, offsetof(struct envelope, checksum));
    return hash(head, data, envelope->size);
}

static struct envelope make_envelope(const struct gpu *gpu, const void *data, size_t size)
{
    struct envelope envelope = {
        .version = 1, .vendor_id = gpu->vendor_id, .device_id = gpu->device_id, .driver_version = gpu->driver_version, .size = size};
    memcpy(envelope.magic, magic, sizeof envelope.magic); // without the terminator
    memcpy(envelope.uuid, gpu->cache_uuid, VK_UUID_SIZE);
    envelope.checksum = checksum(&envelope, data);
    return envelope;
}

// The driver's data inside the file, or NULL.
static const char *open_envelope(const struct gpu *gpu, const char *file, size_t file_size)
{
    if (file_size <= sizeof(struct envelope)) return NULL;
    const char *data = file + sizeof(struct envelope);
    const struct envelope expected = make_envelope(gpu, data, file_size - sizeof(struct envelope));
    return memcmp(file, &expected, sizeof expected) == 0 ? data : NULL;
}

char *gpu_cache_path(const struct gpu *gpu, const char *dir, const char *what, const char *extension)
{
    char uuid[2 * VK_UUID_SIZE + 1];
    for (uint32_t i = 0; i < VK_UUID_SIZE; i++) snprintf(uuid + 2 * i, 3, "%02x", gpu->cache_uuid[i]);
    return base_format("%s/%s-%04x-%04x-%s.%s", dir, what, gpu->vendor_id, gpu->device_id, uuid, extension);
}

// What can't be read is as good as absent; only lack of memory for the file's content is worth no message either.
static char *read_file(const struct gpu *gpu, size_t *size)
{
    char *file = NULL;
    *size = 0;
    if (!gpu->cache_path || !base_file_exists(gpu->cache_path)) return NULL;
    if (base_file_read(NULL, gpu->cache_path, CACHE_MOST, &file, size) == NEPHOS_OK) return file;
    base_debug(gpu->log, "pipeline cache %s can't be read and is ignored", gpu->cache_path);
    return NULL;
}

static VkResult create(struct gpu *gpu, const char *data, size_t size)
{
    const VkPipelineCacheCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO, .initialDataSize = size, .pInitialData = data};
    return gpu->fn.vkCreatePipelineCache(gpu->device, &info, NULL, &gpu->cache);
}

static bool get_data(struct gpu *gpu, char **data, size_t *size)
{
    *data = NULL;
    if (gpu->fn.vkGetPipelineCacheData(gpu->device, gpu->cache, size, NULL) != VK_SUCCESS || *size == 0) return false;
    *data = malloc(*size);
    return *data && gpu->fn.vkGetPipelineCacheData(gpu->device, gpu->cache, size, *data) == VK_SUCCESS;
}

// 0 when the driver does not tell.
static uint64_t data_hash(struct gpu *gpu)
{
    char *data;
    size_t size = 0;
    const uint64_t value = get_data(gpu, &data, &size) ? hash(0, data, size) : 0;
    free(data);
    return value;
}

enum nephos_status gpu_cache_open(struct gpu *gpu, const char *dir)
{
    enum nephos_status status = NEPHOS_OK;
    size_t size = 0;
    char *file = NULL;
    const char *data = NULL;
    if (dir) {
        gpu->cache_path = gpu_cache_path(gpu, dir, "pipelines", "bin");
        if (!gpu->cache_path) FAIL(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for the path of the pipeline cache");
        file = read_file(gpu, &size);
    }
    if (file) data = open_envelope(gpu, file, size);
    if (file && !data) base_debug(gpu->log, "pipeline cache %s is damaged or of another driver and is ignored", gpu->cache_path);
    if (data && create(gpu, data, size - sizeof(struct envelope)) == VK_SUCCESS) {
        gpu->cache_saved = data_hash(gpu); // not of the file: a driver may return more than it was given (SwiftShader does)
    } else {
        VK(gpu, create(gpu, NULL, 0));
    }
fail:
    free(file);
    return status;
}

static enum nephos_status write_file(struct gpu *gpu, const char *data, size_t size)
{
    enum nephos_status status = NEPHOS_OK;
    struct base_file *file = NULL;
    const struct envelope envelope = make_envelope(gpu, data, size);
    TRY(base_file_create(NULL, gpu->cache_path, &file));
    // A short write is reported by the commit.
    if (fwrite(&envelope, sizeof envelope, 1, base_file_stream(file)) == 1) fwrite(data, 1, size, base_file_stream(file));
    TRY(base_file_commit(&file));
fail:
    return status;
}

enum nephos_status gpu_cache_make_folder(const char *path)
{
    char *dir = strdup(path);
    if (!dir) return NEPHOS_ERROR_MEMORY;
    *strrchr(dir, '/') = 0;
    const enum nephos_status status = *dir ? base_dir_create(NULL, dir) : NEPHOS_OK;
    free(dir);
    return status;
}

void gpu_cache_save(struct gpu *gpu)
{
    char *data = NULL;
    size_t size = 0;
    if (!gpu->cache || !gpu->cache_path || gpu->lost) return;
    if (get_data(gpu, &data, &size) && hash(0, data, size) != gpu->cache_saved) {
        gpu->cache_saved = hash(0, data, size); // also when writing fails: once is enough for the message
        if (gpu_cache_make_folder(gpu->cache_path) != NEPHOS_OK || write_file(gpu, data, size) != NEPHOS_OK) {
            base_debug(gpu->log, "pipeline cache %s can't be written; the next start compiles again", gpu->cache_path);
        }
    }
    free(data);
}

void gpu_cache_close(struct gpu *gpu)
{
    gpu->fn.vkDestroyPipelineCache(gpu->device, gpu->cache, NULL);
    gpu->cache = VK_NULL_HANDLE;
}
