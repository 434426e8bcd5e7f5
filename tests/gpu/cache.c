// SPDX-License-Identifier: MIT
// The pipeline cache file: used, damaged, unwritable.
#include "gpu_test.h"

#include "base/file.h"
#include "common/folder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

// Opens a device with the cache, compiles and runs a kernel; no error may be logged.
static void use_cache(const char *dir)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.cache_dir = dir});
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 64, 1), y = test_floats(gpu, 64, 0);
    OK(gpu_stream_create(gpu, "cached", &stream));
    test_scale(stream, y, x, 7, 0);
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, y, 7);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}

// The one file in `dir`.
static void find_file(const char *dir, char path[1024])
{
    DIR *folder = opendir(dir);
    struct dirent *entry;
    unsigned count = 0;
    cr_assert(folder, "%s was not made", dir);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, 1024, "%s/%s", dir, entry->d_name);
        count++;
    }
    closedir(folder);
    cr_assert_eq(count, 1, "%u files in %s", count, dir);
}

struct content {
    char *data;
    size_t size;
};

static struct content read_all(const char *path)
{
    struct content content;
    OK(base_file_read(test_log(), path, 1 << 30, &content.data, &content.size));
    return content;
}

static void expect_content(const char *path, struct content expected)
{
    struct content now = read_all(path);
    cr_expect_eq(now.size, expected.size);
    cr_expect(now.size == expected.size && memcmp(now.data, expected.data, now.size) == 0, "the cache file was not made anew");
    free(now.data);
}

Test(gpu_cache, the_folder_and_file_are_made_and_a_second_start_leaves_them, .init = folder_setup, .fini = folder_teardown)
{
    const char *dir = folder_file("a/b");
    char path[1024];
    use_cache(dir);
    find_file(dir, path);
    struct content first = read_all(path);
    struct stat before, after;
    cr_assert_eq(stat(path, &before), 0);
    use_cache(dir);
    cr_assert_eq(stat(path, &after), 0);
    cr_expect_eq(before.st_ino, after.st_ino, "written again although nothing was new");
    free(first.data);
}

Test(gpu_cache, a_damaged_file_is_ignored_and_made_anew, .init = folder_setup, .fini = folder_teardown)
{
    const char *dir = folder_file("cache");
    char path[1024];
    use_cache(dir);
    find_file(dir, path);
    struct content good = read_all(path);
    // Every byte of the envelope and the start of the driver's part, then samples up to the end.
    const size_t step = good.size > 512 ? (good.size - 96) / 24 : 1;
    for (size_t at = 0; at < good.size; at += at < 96 ? 1 : step) {
        good.data[at] ^= 0x41;
        OK(base_file_write(test_log(), path, good.data, good.size));
        good.data[at] ^= 0x41;
        use_cache(dir);
        expect_content(path, good);
    }
    free(good.data);
}

Test(gpu_cache, a_file_of_another_length_is_ignored_and_made_anew, .init = folder_setup, .fini = folder_teardown)
{
    const char *dir = folder_file("cache");
    char path[1024];
    use_cache(dir);
    find_file(dir, path);
    struct content good = read_all(path);
    const size_t sizes[] = {0, 1, 7, 8, 55, 56, 57, good.size / 2, good.size - 1};
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        OK(base_file_write(test_log(), path, good.data, sizes[i]));
        use_cache(dir);
        expect_content(path, good);
    }
    char *longer = calloc(1, good.size + 100);
    cr_assert(longer);
    memcpy(longer, good.data, good.size);
    OK(base_file_write(test_log(), path, longer, good.size + 100));
    use_cache(dir);
    expect_content(path, good);
    free(longer);
    free(good.data);
}

Test(gpu_cache, a_place_that_can_not_be_written_is_no_error, .init = folder_setup, .fini = folder_teardown)
{
    folder_write(folder_file("file"), "x", 1);
    use_cache(folder_file("file")); // a file where the folder should be
    use_cache("/proc/nephos");
}

static void compile_something(const char *dir, const char *select)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.cache_dir = dir, .select = select});
    const struct gpu_kernel *kernel;
    OK(gpu_kernel_get(gpu, &shader_test_scale, (const uint32_t[]){64, 0}, 2, &kernel));
    OK(gpu_kernels_compile(gpu));
    gpu_close(&gpu);
}

static unsigned count_files(const char *dir)
{
    DIR *folder = opendir(dir);
    struct dirent *entry;
    unsigned count = 0;
    cr_assert(folder, "%s was not made", dir);
    while ((entry = readdir(folder))) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

Test(gpu_cache, every_driver_has_its_own_file, .init = folder_setup, .fini = folder_teardown)
{
    static const char lavapipe[] = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
                      swiftshader[] = "/usr/lib/chromium/vk_swiftshader_icd.json";
    char both[256];
    if (access(lavapipe, R_OK) != 0 || access(swiftshader, R_OK) != 0) cr_skip("needs lavapipe and SwiftShader");
    snprintf(both, sizeof both, "%s:%s", lavapipe, swiftshader);
    setenv("VK_DRIVER_FILES", both, 1);
    setenv("VK_ICD_FILENAMES", both, 1); // the same for older loaders
    const char *dir = folder_file("caches");
    compile_something(dir, "llvmpipe");
    cr_expect_eq(count_files(dir), 1);
    compile_something(dir, "swiftshader");
    cr_expect_eq(count_files(dir), 2);
    compile_something(dir, "llvmpipe");
    cr_expect_eq(count_files(dir), 2);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}
