// SPDX-License-Identifier: MIT
// Public entry points: devices.
#include "nephos_internal.h"

#include <stdlib.h>

enum nephos_status nephos_device_list(struct nephos_log *log, struct nephos_device_info *infos, size_t capacity, size_t *count)
{
    if (!count || (capacity && !infos)) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_device_list: an argument is NULL");
    return gpu_list(log, infos, capacity, count);
}

enum nephos_status nephos_device_open(struct nephos_log *log, const struct nephos_device_params *params, struct nephos_device **device)
{
    if (!device) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_device_open: device is NULL");
    struct nephos_device *opened = calloc(1, sizeof *opened);
    if (!opened) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for the device");
    opened->log = log;
    const struct nephos_device_params defaults = {0};
    enum nephos_status status = gpu_open(log, params ? params : &defaults, &opened->gpu);
    if (status == NEPHOS_OK) *device = opened;
    else free(opened);
    return status;
}

void nephos_device_destroy(struct nephos_device **device)
{
    if (!device || !*device) return;
    gpu_close(&(*device)->gpu);
    free(*device);
    *device = NULL;
}

const struct nephos_device_info *nephos_device_get_info(const struct nephos_device *device)
{
    return device ? gpu_info(device->gpu) : NULL;
}

bool nephos_device_choice(const struct nephos_device *device, size_t index, const char **work, const char **choice)
{
    return device && work && choice && gpu_note_at(device->gpu, index, work, choice);
}

enum nephos_status nephos_device_profile_table(struct nephos_device *device, char **text)
{
    if (!device || !text)
        return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_device_profile_table: an argument is NULL");
    return gpu_profile_table(device->gpu, text);
}

enum nephos_status nephos_device_profile_trace(struct nephos_device *device, const char *path)
{
    if (!device || !path)
        return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_device_profile_trace: an argument is NULL");
    return gpu_profile_trace(device->gpu, path);
}
