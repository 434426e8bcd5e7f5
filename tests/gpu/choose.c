// SPDX-License-Identifier: MIT
// Order, doubles and selection of devices, on made-up lists; memory types, on made-up heaps.
#include "gpu_test.h"

#include "gpu/device.h"

#define UUID_A "00000000-0100-0000-0000-000000000001"
#define UUID_B "00000000-0200-0000-0000-000000000002"
#define UUID_NONE "00000000-0000-0000-0000-000000000000"

static struct gpu_candidate candidate(const char *name, enum nephos_device_type type, uint32_t driver, const char *uuid)
{
    struct gpu_candidate made = {.driver = driver, .info = {.type = type, .usable = true}};
    snprintf(made.info.name, sizeof made.info.name, "%s", name);
    snprintf(made.info.uuid, sizeof made.info.uuid, "%s", uuid);
    return made;
}

Test(gpu_choose, devices_are_sorted_by_type_and_keep_their_order_within)
{
    struct gpu_candidate list[] = {
        candidate("cpu", NEPHOS_DEVICE_CPU, 13, UUID_NONE),          candidate("virtual", NEPHOS_DEVICE_VIRTUAL, 22, UUID_NONE),
        candidate("card 1", NEPHOS_DEVICE_DISCRETE, 4, UUID_A),      candidate("inside", NEPHOS_DEVICE_INTEGRATED, 6, UUID_NONE),
        candidate("card 2", NEPHOS_DEVICE_DISCRETE, 4, UUID_B),
    };
    static const char *const expected[] = {"card 1", "card 2", "inside", "virtual", "cpu"};
    cr_assert_eq(gpu_candidates_order(list, 5), 5);
    for (int i = 0; i < 5; i++) cr_expect_str_eq(list[i].info.name, expected[i]);
}

// Pairs of drivers for one GPU, the better one second.
Test(gpu_choose, one_gpu_under_two_drivers_is_listed_with_the_better_one)
{
    static const struct {
        uint32_t worse, better;
    } pairs[] = {{VK_DRIVER_ID_AMD_OPEN_SOURCE, VK_DRIVER_ID_MESA_RADV},
                 {VK_DRIVER_ID_AMD_PROPRIETARY, VK_DRIVER_ID_MESA_RADV},
                 {24 /* NVK */, VK_DRIVER_ID_NVIDIA_PROPRIETARY},
                 {23 /* Dozen */, VK_DRIVER_ID_AMD_PROPRIETARY},
                 {23 /* Dozen */, VK_DRIVER_ID_INTEL_PROPRIETARY_WINDOWS}};
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        for (int swap = 0; swap < 2; swap++) {
            struct gpu_candidate list[] = {
                candidate("a", NEPHOS_DEVICE_DISCRETE, swap ? pairs[i].better : pairs[i].worse, UUID_A),
                candidate("b", NEPHOS_DEVICE_DISCRETE, swap ? pairs[i].worse : pairs[i].better, UUID_A),
            };
            cr_assert_eq(gpu_candidates_order(list, 2), 1);
            cr_expect_eq(list[0].driver, pairs[i].better, "pair %zu", i);
        }
    }
}

Test(gpu_choose, a_driver_that_can_be_used_wins_over_a_better_one_that_can_not)
{
    struct gpu_candidate list[] = {candidate("old", NEPHOS_DEVICE_DISCRETE, VK_DRIVER_ID_MESA_RADV, UUID_A),
                                   candidate("new", NEPHOS_DEVICE_DISCRETE, VK_DRIVER_ID_AMD_OPEN_SOURCE, UUID_A)};
    list[0].info.usable = false;
    cr_assert_eq(gpu_candidates_order(list, 2), 1);
    cr_expect_str_eq(list[0].info.name, "new");
}

Test(gpu_choose, a_driver_that_is_registered_twice_counts_once)
{
    struct gpu_candidate list[] = {candidate("a", NEPHOS_DEVICE_DISCRETE, 3, UUID_A), candidate("b", NEPHOS_DEVICE_DISCRETE, 3, UUID_B),
                                   candidate("a", NEPHOS_DEVICE_DISCRETE, 3, UUID_A), candidate("b", NEPHOS_DEVICE_DISCRETE, 3, UUID_B)};
    cr_assert_eq(gpu_candidates_order(list, 4), 2);
    cr_expect_str_eq(list[0].info.name, "a");
    cr_expect_str_eq(list[1].info.name, "b");
}

Test(gpu_choose, two_gpus_of_one_driver_and_gpus_without_uuid_are_no_doubles)
{
    struct gpu_candidate list[] = {candidate("a", NEPHOS_DEVICE_DISCRETE, 3, UUID_A), candidate("b", NEPHOS_DEVICE_DISCRETE, 3, UUID_B),
                                   candidate("c", NEPHOS_DEVICE_CPU, 13, UUID_NONE), candidate("d", NEPHOS_DEVICE_CPU, 10, UUID_NONE)};
    cr_expect_eq(gpu_candidates_order(list, 4), 4);
}

static const char *chosen(const struct gpu_candidate *list, uint32_t count, const char *select)
{
    const struct gpu_candidate *choice = NULL;
    return gpu_choose(test_log(), list, count, select, &choice) == NEPHOS_OK ? choice->info.name : NULL;
}

Test(gpu_choose, a_device_is_found_by_index_uuid_and_part_of_the_name)
{
    struct gpu_candidate list[] = {candidate("Radeon RX 7900", NEPHOS_DEVICE_DISCRETE, 3, UUID_A),
                                   candidate("Radeon 780M", NEPHOS_DEVICE_INTEGRATED, 3, UUID_B),
                                   candidate("llvmpipe", NEPHOS_DEVICE_CPU, 13, UUID_NONE)};
    cr_expect_str_eq(chosen(list, 3, NULL), "Radeon RX 7900");
    cr_expect_str_eq(chosen(list, 3, "auto"), "Radeon RX 7900");
    cr_expect_str_eq(chosen(list, 3, "1"), "Radeon 780M");
    cr_expect_str_eq(chosen(list, 3, UUID_B), "Radeon 780M");
    cr_expect_str_eq(chosen(list, 3, "radeon"), "Radeon RX 7900", "an ambiguous name means the first");
    cr_expect_str_eq(chosen(list, 3, "780m"), "Radeon 780M");
    cr_expect_str_eq(chosen(list, 3, "7900"), "Radeon RX 7900", "a number that is no index may be part of a name");
    cr_expect_str_eq(chosen(list, 3, "LLVM"), "llvmpipe");
}

Test(gpu_choose, what_can_not_be_used_is_skipped_and_named_when_asked_for)
{
    struct gpu_candidate list[] = {candidate("Radeon old", NEPHOS_DEVICE_DISCRETE, 3, UUID_A),
                                   candidate("Radeon new", NEPHOS_DEVICE_DISCRETE, 3, UUID_B)};
    list[0].info.usable = false;
    snprintf(list[0].info.reason, sizeof list[0].info.reason, "has no queue for compute");
    cr_expect_str_eq(chosen(list, 2, NULL), "Radeon new");
    cr_expect_str_eq(chosen(list, 2, "radeon"), "Radeon new");
    cr_expect_null(chosen(list, 2, "0"));
    cr_expect(strstr(nephos_last_error(test_log()), "Radeon old") && strstr(nephos_last_error(test_log()), "no queue"));
    cr_expect_null(chosen(list, 2, "geforce"));
    cr_expect(strstr(nephos_last_error(test_log()), "geforce") && strstr(nephos_last_error(test_log()), "1: Radeon new"));
    list[1].info.usable = false;
    cr_expect_null(chosen(list, 2, NULL));
}

enum { LOCAL = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT,
       HOST = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
       CACHED = VK_MEMORY_PROPERTY_HOST_CACHED_BIT };
#define MIB (UINT64_C(1) << 20)

static uint32_t type_of(struct gpu *gpu, enum gpu_memory kind, uint64_t size)
{
    return gpu_memory_type(gpu, kind, UINT32_MAX, size);
}

Test(gpu_memory, a_card_with_a_small_window_keeps_it_free)
{
    // Two small heaps first, as some drivers report them.
    struct gpu gpu = {.memory = {.memoryHeapCount = 4,
                                 .memoryHeaps = {{16 * MIB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT},
                                                 {256 * MIB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT},
                                                 {8192 * MIB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT},
                                                 {16384 * MIB, 0}},
                                 .memoryTypeCount = 5,
                                 .memoryTypes = {{LOCAL, 0}, {LOCAL | HOST, 1}, {LOCAL, 2}, {HOST, 3}, {HOST | CACHED, 3}}}};
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_DEVICE, MIB), 2, "the large heap, also for small buffers");
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_DEVICE, 4096 * MIB), 2);
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_DEVICE, 9000 * MIB), UINT32_MAX, "never silently in the slow memory of the host");
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_UPLOAD, MIB), 3);
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_READBACK, MIB), 4);
    cr_expect_eq(gpu_memory_type(&gpu, GPU_MEMORY_DEVICE, 0x3, MIB), 0, "not mapped before mapped");
    cr_expect_eq(gpu_memory_type(&gpu, GPU_MEMORY_DEVICE, 0x3, 100 * MIB), 1, "where there is room");
}

Test(gpu_memory, shared_memory_serves_every_purpose)
{
    struct gpu gpu = {.memory = {.memoryHeapCount = 1,
                                 .memoryHeaps = {{4096 * MIB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT}},
                                 .memoryTypeCount = 1,
                                 .memoryTypes = {{LOCAL | HOST | CACHED, 0}}}};
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_DEVICE, MIB), 0);
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_UPLOAD, MIB), 0);
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_READBACK, MIB), 0);
}

Test(gpu_memory, incoherent_and_lazy_types_are_not_taken)
{
    struct gpu gpu = {.memory = {.memoryHeapCount = 1,
                                 .memoryHeaps = {{4096 * MIB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT}},
                                 .memoryTypeCount = 2,
                                 .memoryTypes = {{LOCAL | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT, 0},
                                                 {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | CACHED, 0}}}};
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_DEVICE, MIB), UINT32_MAX);
    cr_expect_eq(type_of(&gpu, GPU_MEMORY_READBACK, MIB), UINT32_MAX);
}
