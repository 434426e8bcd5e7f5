// SPDX-License-Identifier: MIT
// llvmpipe, Mesa's driver for CPUs, takes its settings from the environment when a Vulkan instance is made, and its defaults leave half of a
// CPU with AVX-512 unused.
#include "software.h"

#include <nephos/nephos.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_THREADS 32 // of llvmpipe

static bool has_avx512(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#else
    return false;
#endif
}

// The Mesa version of the device that will be used, where that is llvmpipe because there is nothing else; 0: another device.
static int llvmpipe_version(void)
{
    struct nephos_device_info info;
    size_t count = 0;
    int version = 0;
    if (nephos_device_list(NULL, &info, 1, &count) != NEPHOS_OK || count == 0 || info.type != NEPHOS_DEVICE_CPU) return 0;
    const char *text = strstr(info.driver, "llvmpipe") ? strstr(info.driver, "Mesa ") : NULL;
    return text && sscanf(text, "Mesa %d", &version) == 1 ? version : 0;
}

// Wide vectors slow older versions down: by a tenth to a half with Mesa 22.3.
#define WIDE_SINCE 25

void software_settings(void)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const int version = llvmpipe_version();
    char threads[16];
    if (!version) return;
    // Twice as many threads as processors: the end of a short dispatch leaves none idle.
    snprintf(threads, sizeof threads, "%ld", processors < 1 ? 2 : 2 * processors < MOST_THREADS ? 2 * processors : MOST_THREADS);
    setenv("LP_NUM_THREADS", threads, 0);
    if (version >= WIDE_SINCE && has_avx512()) setenv("LP_NATIVE_VECTOR_WIDTH", "512", 0);
}
