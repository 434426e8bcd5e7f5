// SPDX-License-Identifier: MIT
// Leak reports under AddressSanitizer: drivers and layers keep a little memory, and are unloaded before the report, so that their
// frames have no name. Keep them loaded and leave them out.
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

#ifdef WITH_ASAN
int dlclose(void *handle);
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:libVkLayer_khronos_validation\nleak:libvulkan_lvp\nleak:libLLVM\nleak:libvk_swiftshader\nleak:libvulkan.so\n";
}
#else
typedef int no_sanitizer; // an empty file is not C
#endif
