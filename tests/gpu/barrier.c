// SPDX-License-Identifier: MIT
// The rule for barriers, without a device.
#include "gpu_test.h"

#include "gpu/barrier.h"

static struct gpu_tracker tracker;

// Addresses only; the tracker never looks inside.
static const struct gpu_buffer *buffer(int i)
{
    static char names[4];
    return (const struct gpu_buffer *)&names[i];
}

static bool reads(int b, uint64_t begin, uint64_t end)
{
    return gpu_tracker_add(&tracker, &(struct gpu_access){buffer(b), begin, end, false}, 1);
}

static bool writes(int b, uint64_t begin, uint64_t end)
{
    return gpu_tracker_add(&tracker, &(struct gpu_access){buffer(b), begin, end, true}, 1);
}

Test(gpu_barrier, reading_after_a_write_waits)
{
    cr_expect_not(writes(0, 0, 100));
    cr_expect(reads(0, 99, 200));
}

Test(gpu_barrier, writing_after_a_read_waits)
{
    cr_expect_not(reads(0, 0, 100));
    cr_expect(writes(0, 50, 60));
}

Test(gpu_barrier, writing_after_a_write_waits)
{
    cr_expect_not(writes(0, 0, 100));
    cr_expect(writes(0, 0, 100));
}

Test(gpu_barrier, reading_twice_neighbours_and_other_buffers_do_not_wait)
{
    cr_expect_not(reads(0, 0, 100));
    cr_expect_not(reads(0, 0, 100));
    cr_expect_not(writes(0, 100, 200));
    cr_expect_not(writes(1, 0, 100));
}

Test(gpu_barrier, one_barrier_settles_everything_before_it)
{
    writes(0, 0, 100);
    writes(1, 0, 100);
    cr_expect(reads(0, 0, 100));
    cr_expect_not(reads(1, 0, 100), "the barrier covered it");
    cr_expect(writes(1, 0, 100), "but not this read");
}

Test(gpu_barrier, accesses_of_one_command_do_not_conflict)
{
    const struct gpu_access in_place[] = {{buffer(0), 0, 100, false}, {buffer(0), 0, 100, true}};
    cr_expect_not(gpu_tracker_add(&tracker, in_place, 2));
    cr_expect(gpu_tracker_add(&tracker, in_place, 2));
}

Test(gpu_barrier, a_full_list_is_emptied_by_a_barrier)
{
    uint64_t i = 0;
    for (; i < GPU_TRACKED_MOST; i++) cr_assert_not(writes(0, 4 * i, 4 * i + 4));
    cr_expect(writes(0, 4 * i, 4 * i + 4));
    cr_expect_not(reads(0, 0, 4));
}
