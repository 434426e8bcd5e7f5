// SPDX-License-Identifier: MIT
// Compiles every kernel, in all variants that checks and networks use, with the compiler of a device that need not exist, and
// prints what the driver tells about them. Fails where a kernel with tiles in shared memory spills registers: its tiles were chosen
// to fit. Exit code 77: no such device here.
//     compile NAME [KERNELS [all]]     parts of the device's name and of the kernels' names; all: print those that don't spill, too
#include "common/record.h"
#include "gpu/device.h"
#include "gpu/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77, MOST_STATISTICS = 64 };

static void on_log(void *user, enum nephos_log_level level, const char *message)
{
    (void)user;
    if (level == NEPHOS_LOG_ERROR) fprintf(stderr, "%s\n", message);
}

struct figures {
    uint64_t vector, scalar, spilled, scratch, lds, code, waves;
};

static bool is_any(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0) names++;
    return *names;
}

// Drivers name their figures as they like; these are the words of RADV, NVK, Turnip and Honeykrisp. Waves: of RADV per SIMD, of NVK per
// SM, of Turnip per core, of Honeykrisp the invocations.
static void note(struct figures *f, const VkPipelineExecutableStatisticKHR *s)
{
    const uint64_t value = s->format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR ? s->value.u64 : 0;
    if (is_any(s->name, (const char *[]){"VGPRs", "Number of GPRs", "Registers used", "GPRs", NULL})) f->vector = value;
    if (is_any(s->name, (const char *[]){"Subgroups per SIMD", "Max warps/SM", "Max Waves Per Core", "Threads", NULL})) f->waves = value;
    if (is_any(s->name, (const char *[]){"Spills to memory", "Spills", "STP Count", NULL})) f->spilled += value;
    if (strcmp(s->name, "SGPRs") == 0) f->scalar = value;
    if (strncmp(s->name, "Spilled", 7) == 0) f->spilled += value;
    if (strncmp(s->name, "Scratch", 7) == 0 || strcmp(s->name, "SLM size") == 0) f->scratch = value;
    if (strncmp(s->name, "LDS", 3) == 0) f->lds = value;
    if (strcmp(s->name, "Code size") == 0) f->code = value;
}

static struct figures figures_of(struct gpu *gpu, const struct gpu_kernel *kernel)
{
    struct figures figures = {0};
    const VkPipelineExecutableInfoKHR info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = kernel->pipeline};
    VkPipelineExecutableStatisticKHR statistics[MOST_STATISTICS];
    uint32_t count = MOST_STATISTICS;
    for (uint32_t i = 0; i < count; i++)
        statistics[i] = (VkPipelineExecutableStatisticKHR){.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR};
    if (gpu->fn.vkGetPipelineExecutableStatisticsKHR(gpu->device, &info, &count, statistics) < 0) return figures;
    for (uint32_t i = 0; i < count; i++) note(&figures, &statistics[i]);
    return figures;
}

static void print_variant(const struct gpu_kernel *kernel)
{
    char text[96] = "";
    int used = 0;
    for (uint32_t i = 0; i < kernel->spec_count && used < 80; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%u", i ? "," : "", kernel->spec[i]);
    printf("%-20s %-56s", kernel->shader->name, text);
}

// Tiles may not spill, but for the two largest on Apple's GPUs, whose invocations have registers for 128 numbers: smaller tiles are
// offered beside them, and the fastest of all is taken.
static bool may_spill(const struct gpu *gpu, const struct gpu_kernel *kernel)
{
    enum { M = 6, N = 7 }; // constants of lib/gemm.glsl
    if (!strstr(kernel->shader->name, "_gemm")) return true;
    const uint32_t m = kernel->spec[M], n = kernel->spec[N];
    return strstr(gpu->info.name, "Apple") && ((m == 128 && n == 128) || (m == 32 && n == 256));
}

// Every kernel that spills is named; all kernels with `verbose`. False: one spills that may not.
static bool print_table(struct gpu *gpu, bool verbose)
{
    uint32_t spilling = 0;
    bool good = true;
    printf("%-20s %-56s %5s %5s %7s %7s %6s %7s %5s\n", "kernel", "constants", "VGPR", "SGPR", "spilled", "scratch", "LDS", "code",
           "waves");
    for (uint32_t i = 0; i < gpu->kernel_count; i++) {
        const struct figures f = figures_of(gpu, gpu->kernels[i]);
        const bool spills = f.spilled || f.scratch;
        spilling += spills;
        good &= !spills || may_spill(gpu, gpu->kernels[i]);
        if (!spills && !verbose) continue;
        print_variant(gpu->kernels[i]);
        printf(" %5llu %5llu %7llu %7llu %6llu %7llu %5llu\n", (unsigned long long)f.vector, (unsigned long long)f.scalar,
               (unsigned long long)f.spilled, (unsigned long long)f.scratch, (unsigned long long)f.lds, (unsigned long long)f.code,
               (unsigned long long)f.waves);
    }
    printf("%u of %u kernels spill registers\n", spilling, gpu->kernel_count);
    return good;
}

// Brings the kernels with this in their name to the front.
static uint32_t sort_kernels(struct gpu *gpu, const char *part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gpu->kernel_count; i++) {
        struct gpu_kernel *kernel = gpu->kernels[i];
        if (!strstr(kernel->shader->name, part)) continue;
        gpu->kernels[i] = gpu->kernels[count];
        gpu->kernels[count++] = kernel;
    }
    return count;
}

static enum nephos_status compile(struct gpu *gpu, const char *part, bool verbose)
{
    enum nephos_status status;
    struct gpu_stream *stream = NULL;
    // A null device has no memory; what it would have bounds nothing here.
    gpu->limits.max_buffer_size = UINT64_C(1) << 31;
    TRY(test_record_everything(gpu, &stream));
    const uint32_t count = gpu->kernel_count;
    gpu->kernel_count = sort_kernels(gpu, part);
    TRY(gpu_kernels_compile(gpu));
    printf("%s, %s: %u kernels compiled\n", gpu->info.name, gpu->info.driver, gpu->kernel_count);
    if (gpu->kernel_count == 0) status = NEPHOS_ERROR_CHECK; // none has that in its name, or the device is offered none
    if (gpu->features.statistics && !print_table(gpu, verbose)) status = NEPHOS_ERROR_CHECK;
    gpu->kernel_count = count;
fail:
    gpu_stream_destroy(&stream);
    return status;
}

int main(int argc, char **argv)
{
    struct nephos_log *log = NULL;
    struct gpu *gpu = NULL;
    const struct nephos_device_params params = {.select = argc > 1 ? argv[1] : NULL};
    if (nephos_log_create(on_log, NULL, NEPHOS_LOG_INFO, &log) != NEPHOS_OK) return 1;
    enum nephos_status status = gpu_open_compiler(log, &params, &gpu);
    if (status == NEPHOS_OK) status = compile(gpu, argc > 2 ? argv[2] : "", argc > 3);
    const int code = status == NEPHOS_OK ? 0 : status == NEPHOS_ERROR_NO_DEVICE ? SKIPPED : 1;
    gpu_close(&gpu);
    nephos_log_destroy(&log);
    return code;
}
