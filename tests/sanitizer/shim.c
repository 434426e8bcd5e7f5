// SPDX-License-Identifier: MIT
// Linked in sanitizer builds only. Vulkan drivers and layers leak a little of their own and are unloaded before the leak report, so
// their frames would have no names to suppress: libraries stay loaded, and leaks inside them are left out.
#include <dlfcn.h>

const char *__lsan_default_suppressions(void);

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
