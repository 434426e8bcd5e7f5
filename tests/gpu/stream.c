// SPDX-License-Identifier: MIT
// Recording, barriers, replay.
#include "gpu_test.h"

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
