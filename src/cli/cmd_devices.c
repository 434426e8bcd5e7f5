// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"
#include "software.h"
#include "terminal.h"

#include <stdio.h>

#define CAPACITY 32

static const char *type_name(enum nephos_device_type type)
{
    switch (type) {
    case NEPHOS_DEVICE_DISCRETE: return "discrete";
    case NEPHOS_DEVICE_INTEGRATED: return "integrated";
    case NEPHOS_DEVICE_VIRTUAL: return "virtual";
    case NEPHOS_DEVICE_CPU: return "CPU";
    case NEPHOS_DEVICE_OTHER: break;
    }
    return "other";
}

// Vulkan packs variant (3 bits), major (7), minor (10), patch (12).
static unsigned version_major(uint32_t version) { return version >> 22 & 0x7f; }
static unsigned version_minor(uint32_t version) { return version >> 12 & 0x3ff; }

static void print_device(size_t index, const struct nephos_device_info *info)
{
    printf("%zu  %s\n", index, info->name);
    printf("   %s, Vulkan %u.%u, %.1f GiB, %s\n", type_name(info->type), version_major(info->api_version), version_minor(info->api_version),
           (double)info->memory_size / (1 << 30), info->driver);
    printf("   subgroup %u, workgroup %u, shared memory %u KiB, storage buffer %llu MiB\n", info->subgroup_size,
           info->max_workgroup_invocations, info->max_shared_memory / 1024, (unsigned long long)(info->max_storage_buffer_range >> 20));
    if (*info->matrices) printf("   matrices %s\n", info->matrices);
    if (*info->matrices_bf16) printf("   matrices, bf16 %s\n", info->matrices_bf16);
    printf("   %s\n", info->uuid);
    if (!info->usable) printf("   not usable: %s\n", info->reason);
}

static json_t *device_json(size_t index, const struct nephos_device_info *info)
{
    char version[32];
    snprintf(version, sizeof version, "%u.%u", version_major(info->api_version), version_minor(info->api_version));
    return json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:s,s:s,s:b,s:s}", "index", (json_int_t)index, "name", info->name,
                     "driver", info->driver, "uuid", info->uuid, "type", type_name(info->type), "vulkan", version, "subgroup_size",
                     (json_int_t)info->subgroup_size, "max_workgroup_invocations", (json_int_t)info->max_workgroup_invocations,
                     "max_shared_memory", (json_int_t)info->max_shared_memory, "max_storage_buffer_range",
                     (json_int_t)info->max_storage_buffer_range, "memory_size", (json_int_t)info->memory_size, "matrices", info->matrices,
                     "matrices_bf16", info->matrices_bf16, "usable", (int)info->usable, "reason", info->reason);
}

static enum nephos_status print_json(const struct nephos_device_info *infos, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, device_json(i, &infos[i]));
    return app_json_print(list);
}

int cmd_devices(int argc, char **argv)
{
    struct app app = {0};
    const struct option options[] = {
        {"json", OPTION_FLAG, &app.json, NULL, "print a JSON array"},
    };
    const struct usage usage = {
        "devices", "[--json]",
        "Lists the Vulkan devices in the order in which they are preferred. The number, a part of the name, or the UUID selects\n"
        "one with --device in other commands. Exit code 4 where none is usable.",
        options, sizeof options / sizeof options[0],
        "  nephos devices\n"
        "  nephos devices --json | jq -r '.[] | select(.usable).name'\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = app_open(&app);
    if (status != NEPHOS_OK) return app_finish(&app, status);

    struct nephos_device_info infos[CAPACITY];
    size_t count = 0, usable = 0;
    software_settings(); // devices as other commands will find them
    status = nephos_device_list(app.log, infos, CAPACITY, &count);
    if (status != NEPHOS_OK) return app_finish(&app, status);
    if (count > CAPACITY) count = CAPACITY;
    if (app.json) status = print_json(infos, count);
    for (size_t i = 0; i < count; i++) {
        if (!app.json) print_device(i, &infos[i]);
        usable += infos[i].usable;
    }
    if (!usable) {
        terminal_error(
            "no usable Vulkan device: install a driver (on Debian and Ubuntu: mesa-vulkan-drivers, which also has one for CPUs)");
        status = NEPHOS_ERROR_NO_DEVICE;
    }
    return app_finish(&app, status);
}
