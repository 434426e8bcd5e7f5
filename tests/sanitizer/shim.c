// SPDX-License-Identifier: MIT
// Linked in sanitizer builds only. Vulkan drivers and layers leak a little of their own and are unloaded before the leak report, so
// their frames would have no names to suppress: libraries stay loaded, and leaks inside them are left out. Criterion's runner, which
// starts each test as a process of its own, now and then leaks too; no code of ours runs in it.
#include <dlfcn.h>
#include <stdlib.h>

const char *__lsan_default_suppressions(void);
int __lsan_is_turned_off(void);

// Exported although the build hides everything else: the loader has to find it.
__attribute__((visibility("default"))) int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:libVkLayer_khronos_validation\nleak:libvulkan_lvp\nleak:libvulkan.so\nleak:libLLVM\nleak:libvk_swiftshader\n";
}

// The runner passes BXFI_MAP to the processes of tests and does not have it itself.
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return getenv("BXFI_MAP") == NULL;
}
