// SPDX-License-Identifier: MIT
// Submissions stay short.
#include "gpu_test.h"

#include "gpu/stream.h"

// `count` dependent dispatches over x of `rounds` steps each that claim to cost `flops`.
static struct gpu_stream *record_spin(struct gpu *gpu, struct gpu_range x, uint32_t count, uint32_t rounds, double flops)
{
    struct gpu_stream *stream = NULL;
    OK(gpu_stream_create(gpu, "spin", &stream));
    for (uint32_t i = 0; i < count; i++) {
        gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                        .shader = &shader_test_spin,
                                        .ranges = &x,
                                        .range_count = 1,
                                        .push = &rounds,
                                        .push_size = 4,
                                        .groups = {(uint32_t)(x.size / 256), 1, 1},
                                        .flops = flops,
                                        .bytes = 1,
                                    });
    }
    OK(gpu_stream_finish(stream));
    return stream;
}

static void expect_spun(struct gpu *gpu, struct gpu_range x, uint64_t steps)
{
    uint32_t value = 0, first;
    for (uint64_t i = 0; i < steps; i++) value = value * 1664525u + 1013904223u;
    OK(gpu_download(gpu, (struct gpu_range){x.buffer, 0, 4}, &first));
    cr_expect_eq(first, value);
}

Test(gpu_split, thousands_of_dispatches_go_in_several_submissions)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range x = test_floats(gpu, 64, 0);
    struct gpu_stream *stream = record_spin(gpu, x, 5000, 3, 0);
    cr_expect_eq(gpu_stream_dispatch_count(stream), 5000);
    cr_expect_eq(gpu_stream_barrier_count(stream), 4999);
    cr_expect_geq(stream->segment_count, 2);
    for (uint32_t s = 0; s < stream->segment_count; s++) cr_expect_leq(stream->segments[s].count, 1024);
    OK(gpu_stream_run(stream, NULL));
    OK(gpu_stream_run(stream, NULL));
    expect_spun(gpu, x, 2 * 5000 * 3);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_split, work_that_claims_to_be_heavy_is_cut_and_joined_once_measured)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range x = test_floats(gpu, 64, 0);
    struct gpu_stream *stream = record_spin(gpu, x, 50, 1, 1e12);
    cr_expect_eq(stream->segment_count, 50);
    OK(gpu_stream_run(stream, NULL));
    if (gpu->timestamp_bits) cr_expect_lt(stream->segment_count, 25, "%u", stream->segment_count);
    OK(gpu_stream_run(stream, NULL));
    expect_spun(gpu, x, 100);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_split, work_that_claims_to_be_light_is_cut_once_measured)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range x = test_floats(gpu, 1 << 14, 0);
    double seconds = 0;
    uint32_t rounds = 100;
    struct gpu_stream *stream = NULL;
    if (!gpu->timestamp_bits) cr_skip("this device has no timestamps");
    for (; seconds < 0.3; rounds *= 2) {
        gpu_stream_destroy(&stream);
        stream = record_spin(gpu, x, 20, rounds, 0);
        cr_assert_eq(stream->segment_count, 1);
        OK(gpu_stream_run(stream, &seconds));
    }
    cr_expect_geq(stream->segment_count, 3, "%u submissions for %g s", stream->segment_count, seconds);
    OK(gpu_stream_run(stream, &seconds));
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_split, seconds_of_a_run_are_those_on_the_device)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range x = test_floats(gpu, 1 << 14, 0);
    double once = 0, tenfold = 0;
    struct gpu_stream *stream = record_spin(gpu, x, 4, 4000, 0);
    OK(gpu_stream_run(stream, &once));
    gpu_stream_destroy(&stream);
    stream = record_spin(gpu, x, 40, 4000, 0);
    OK(gpu_stream_run(stream, &tenfold));
    cr_expect_gt(once, 0);
    cr_expect(tenfold > 2 * once, "%g s once, %g s tenfold", once, tenfold);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_split, a_clock_too_coarse_to_see_the_work_leaves_costs_usable)
{
    struct gpu_command commands[2] = {{.cost = 1}, {.cost = 1}};
    struct gpu_segment segments[2] = {{.first = 0, .count = 1, .cost = 1}, {.first = 1, .count = 1, .cost = 1}};
    struct gpu_stream stream = {.commands = commands, .count = 2, .segments = segments, .segment_count = 2};
    for (int run = 0; run < 3; run++) gpu_segments_adjust(&stream, (const double[]){0, 0});
    cr_expect(commands[0].cost > 0 && commands[0].cost < 1e-6);
    gpu_segments_adjust(&stream, (const double[]){1, 0.01});
    cr_expect_float_eq(commands[0].cost, 1, 1e-9);
    cr_expect_float_eq(commands[1].cost, 0.01, 1e-9);
}
