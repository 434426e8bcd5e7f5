// SPDX-License-Identifier: MIT
// Recording, barriers, replay.
#include "gpu_test.h"

// A dispatch of two bindings; push has two words unless it is NULL.
static void dispatch(struct gpu_stream *stream, const struct gpu_shader *shader, const struct gpu_range *ranges, const uint32_t *push,
                     uint32_t groups)
{
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = shader,
                                    .ranges = ranges,
                                    .range_count = 2,
                                    .push = push,
                                    .push_size = push ? 8 : 0,
                                    .groups = {groups, 1, 1},
                                });
}

Test(gpu_stream, a_chain_gives_the_right_result_and_a_barrier_per_dependency)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range a = test_floats(gpu, 1000, 1), b = test_floats(gpu, 1000, 0), c = test_floats(gpu, 1000, 0);
    OK(gpu_stream_create(gpu, "chain", &stream));
    test_scale(stream, b, a, 2, 1); // b = 3
    test_scale(stream, c, b, 2, 1); // c = 7, reads what was written
    test_scale(stream, b, a, 5, 0); // b = 5, writes what was read
    test_scale(stream, b, c, 1, 1); // b = 8, writes what was written and reads c
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, b, 8);
    test_expect(gpu, c, 7);
    cr_expect_eq(gpu_stream_dispatch_count(stream), 4);
    cr_expect_eq(gpu_stream_barrier_count(stream), 3, "%u barriers", gpu_stream_barrier_count(stream));
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&a.buffer);
    gpu_buffer_destroy(&b.buffer);
    gpu_buffer_destroy(&c.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, independent_dispatches_get_no_barrier)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 64, 3), y = test_floats(gpu, 64 * 20, 0);
    OK(gpu_stream_create(gpu, "independent", &stream));
    for (uint64_t i = 0; i < 20; i++) test_scale(stream, (struct gpu_range){y.buffer, 256 * i, 256}, x, 2, 0);
    OK(gpu_stream_finish(stream));
    cr_expect_eq(gpu_stream_barrier_count(stream), 0);
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, y, 6);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, copies_and_fills_are_ordered_with_dispatches)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range a = test_floats(gpu, 500, 9), b = test_floats(gpu, 500, 9), c = test_floats(gpu, 500, 9);
    OK(gpu_stream_create(gpu, "mixed", &stream));
    gpu_stream_fill(stream, a, gpu_spec_float(1));
    test_scale(stream, b, a, 3, 0); // after the fill
    gpu_stream_copy(stream, c, b);  // after the dispatch
    gpu_stream_fill(stream, b, 0);  // after the copy
    OK(gpu_stream_finish(stream));
    cr_expect_eq(gpu_stream_barrier_count(stream), 3);
    cr_expect_eq(gpu_stream_dispatch_count(stream), 1);
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, c, 3);
    test_expect(gpu, b, 0);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&a.buffer);
    gpu_buffer_destroy(&b.buffer);
    gpu_buffer_destroy(&c.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, replays_follow_each_other_without_a_wait_in_between)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *up = NULL, *down = NULL;
    struct gpu_range x = test_floats(gpu, 1000, 0), y = test_floats(gpu, 1000, 0);
    uint64_t ticket = 0;
    OK(gpu_stream_create(gpu, "up", &up));
    test_scale(up, y, x, 1, 1); // y = x + 1
    OK(gpu_stream_finish(up));
    OK(gpu_stream_create(gpu, "down", &down));
    gpu_stream_copy(down, x, y); // x = y, in another stream
    OK(gpu_stream_finish(down));
    for (int i = 0; i < 300; i++) {
        OK(gpu_stream_submit(up, NULL));
        OK(gpu_stream_submit(down, &ticket));
    }
    OK(gpu_wait(gpu, ticket));
    cr_expect(gpu_done(gpu, ticket));
    test_expect(gpu, x, 300);
    gpu_stream_destroy(&up);
    gpu_stream_destroy(&down);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, a_uniform_buffer_changes_between_replays)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 128, 1), u = {.size = 8};
    OK(gpu_buffer_create(gpu, GPU_MEMORY_UPLOAD, 16, "uniform", &u.buffer));
    u.size = 16;
    const struct gpu_range ranges[] = {x, u};
    OK(gpu_stream_create(gpu, "uniform", &stream));
    dispatch(stream, &shader_test_uniform, ranges, NULL, 2);
    OK(gpu_stream_finish(stream));
    for (int i = 2; i < 5; i++) {
        *(float *)gpu_buffer_map(u.buffer) = (float)i;
        ((uint32_t *)gpu_buffer_map(u.buffer))[1] = 128;
        OK(gpu_stream_run(stream, NULL));
    }
    test_expect(gpu, x, 24);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&u.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, an_empty_stream_and_a_dispatch_of_no_groups_do_nothing)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 64, 1);
    const struct gpu_range ranges[] = {x, x};
    uint64_t ticket = 1;
    OK(gpu_stream_create(gpu, NULL, &stream));
    dispatch(stream, &shader_test_scale, ranges, NULL, 0);
    OK(gpu_stream_finish(stream));
    cr_expect_eq(gpu_stream_dispatch_count(stream), 0);
    OK(gpu_stream_submit(stream, &ticket));
    OK(gpu_wait(gpu, ticket));
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, x, 1);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, an_absent_range_is_bound_to_something_harmless)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 64, 4);
    const struct gpu_range ranges[] = {x, {0}};
    const uint32_t push[] = {0, 0}; // no element: nothing is written
    OK(gpu_stream_create(gpu, "absent", &stream));
    dispatch(stream, &shader_test_scale, ranges, push, 1);
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, x, 4);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

// Records a dispatch that differs from a good one, and expects the stream to end with a message that has `word` in it.
static void expect_poison(struct gpu *gpu, struct gpu_dispatch dispatch, const char *word)
{
    struct gpu_stream *stream = NULL;
    OK(gpu_stream_create(gpu, "bad", &stream));
    dispatch.shader = &shader_test_scale;
    dispatch.label = "node 7";
    gpu_stream_dispatch(stream, &dispatch);
    const char *message = nephos_last_error(test_log());
    cr_expect(strstr(message, word) && strstr(message, "node 7") && strstr(message, "test_scale"), "'%s' is not in: %s", word, message);
    gpu_stream_fill(stream, dispatch.ranges[0], 7); // recording goes on without effect
    cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(gpu_stream_submit(stream, NULL), NEPHOS_ERROR_ARGUMENT);
    gpu_stream_destroy(&stream);
}

Test(gpu_stream, bad_dispatches_poison_the_stream_and_name_label_and_kernel)
{
    struct gpu *gpu = test_gpu();
    const struct gpu_limits *limits = gpu_get_limits(gpu);
    struct gpu_range x = test_floats(gpu, 256, 1);
    const struct gpu_range good[] = {x, x, x}, outside[] = {x, {x.buffer, 0, 1028}}, off[] = {x, {x.buffer, 2, 64}};
    const char push[256] = {0};
    expect_poison(gpu, (struct gpu_dispatch){.ranges = good, .range_count = 1, .groups = {1, 1, 1}}, "1 ranges for 2 bindings");
    expect_poison(gpu, (struct gpu_dispatch){.ranges = good, .range_count = 3, .groups = {1, 1, 1}}, "3 ranges for 2 bindings");
    expect_poison(gpu, (struct gpu_dispatch){.ranges = outside, .range_count = 2, .groups = {1, 1, 1}}, "binding 1");
    expect_poison(gpu, (struct gpu_dispatch){.ranges = off, .range_count = 2, .groups = {1, 1, 1}}, "multiple of");
    expect_poison(gpu, (struct gpu_dispatch){.ranges = good, .range_count = 2, .push = push, .push_size = 132, .groups = {1, 1, 1}},
                  "132 bytes");
    if (limits->max_group_count[1] < UINT32_MAX) {
        expect_poison(gpu, (struct gpu_dispatch){.ranges = good, .range_count = 2, .groups = {1, limits->max_group_count[1] + 1, 1}},
                      "workgroups");
    }
    test_expect(gpu, x, 1);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, a_range_beyond_the_binding_limit_is_refused)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    const uint64_t most = gpu_get_limits(gpu)->max_binding_size;
    struct gpu_range big = {.size = most + 256};
    if (most > UINT64_C(1) << 28 || big.size > gpu_get_limits(gpu)->max_buffer_size) {
        cr_skip("the limit of this device is too high to test");
    }
    OK(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, big.size, "big", &big.buffer));
    const struct gpu_range ranges[] = {big, big};
    OK(gpu_stream_create(gpu, "big", &stream));
    dispatch(stream, &shader_test_scale, ranges, NULL, 1);
    cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), "smaller batch"));
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&big.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, bad_copies_and_fills_poison_the_stream)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range x = test_floats(gpu, 64, 1);
    const struct gpu_range pairs[][2] = {{{x.buffer, 0, 8}, {x.buffer, 8, 4}},     // sizes differ
                                         {{x.buffer, 0, 8}, {x.buffer, 4, 8}},     // overlap
                                         {{x.buffer, 252, 8}, {x.buffer, 0, 8}}};  // outside
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        struct gpu_stream *stream = NULL;
        OK(gpu_stream_create(gpu, "bad", &stream));
        gpu_stream_copy(stream, pairs[i][0], pairs[i][1]);
        cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_ARGUMENT, "case %zu", i);
        gpu_stream_destroy(&stream);
    }
    struct gpu_stream *stream = NULL;
    OK(gpu_stream_create(gpu, "bad", &stream));
    gpu_stream_fill(stream, (struct gpu_range){x.buffer, 2, 4}, 0);
    cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_ARGUMENT);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_stream, poison_from_outside_is_kept_and_the_first_one_wins)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    OK(gpu_stream_create(gpu, "poisoned", &stream));
    gpu_stream_poison(stream, NEPHOS_ERROR_DATA);
    gpu_stream_poison(stream, NEPHOS_ERROR_MEMORY);
    cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_DATA);
    gpu_stream_destroy(&stream);
    gpu_close(&gpu);
}

Test(gpu_stream, using_a_stream_in_the_wrong_order_is_refused)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 64, 1);
    OK(gpu_stream_create(gpu, "order", &stream));
    cr_expect_eq(gpu_stream_submit(stream, NULL), NEPHOS_ERROR_ARGUMENT, "not finished");
    gpu_stream_fill(stream, x, 0);
    OK(gpu_stream_finish(stream));
    cr_expect_eq(gpu_wait(gpu, 1000), NEPHOS_ERROR_ARGUMENT, "never submitted");
    gpu_stream_fill(stream, x, 1);
    cr_expect_eq(gpu_stream_submit(stream, NULL), NEPHOS_ERROR_ARGUMENT, "recorded after finish");
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}
