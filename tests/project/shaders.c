// SPDX-License-Identifier: MIT
// Every kernel of the library, in SPIR-V as it is built in, passes spirv-val for the Vulkan version we ask of a device.
// Skipped (77) without spirv-val.
#include "gpu/gpu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define VALIDATE "spirv-val --target-env vulkan1.2 -"
enum { SKIPPED = 77 };

static bool valid(const struct gpu_shader *shader)
{
    fflush(stdout);
    FILE *validator = popen(VALIDATE, "w");
    if (!validator) return false;
    const bool written = fwrite(shader->code, 1, shader->code_size, validator) == shader->code_size;
    return pclose(validator) == 0 && written;
}

int main(void)
{
    unsigned count = 0, failed = 0;
    signal(SIGPIPE, SIG_IGN); // a validator that stops early is a failure like any other
    if (system("command -v spirv-val >/dev/null") != 0) return SKIPPED;
    for (; gpu_shaders[count]; count++) {
        if (valid(gpu_shaders[count])) continue;
        printf("%s: not valid\n", gpu_shaders[count]->name);
        failed++;
    }
    printf("%u kernels, %u not valid\n", count, failed);
    return count == 0 || failed > 0;
}
