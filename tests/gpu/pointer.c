// SPDX-License-Identifier: MIT
// Kernels that take their buffers by pointer: reflected, bound and ordered like any other.
#include "gpu_test.h"

#include "gpu/kernel.h"

static void add(struct gpu_stream *stream, struct gpu_range y, struct gpu_range x, float offset)
{
    const struct {
        uint32_t count;
        float offset;
    } push = {(uint32_t)(x.size / 4), offset};
    const struct gpu_range ranges[] = {x, y};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = &shader_test_pointer,
                                    .ranges = ranges,
                                    .range_count = 2,
                                    .push = &push,
                                    .push_size = sizeof push,
                                    .groups = {(push.count + 63) / 64, 1, 1},
                                });
}

Test(gpu_pointer, pointers_count_as_bindings)
{
    struct gpu_reflection r;
    OK(gpu_reflect(test_log(), &shader_test_pointer, NULL, 0, &r));
    cr_assert_eq(r.binding_count, 2);
    cr_expect_eq(r.address_count, 2);
    cr_expect(r.bindings[0].address && r.bindings[0].read && !r.bindings[0].write);
    cr_expect(r.bindings[1].address && !r.bindings[1].read && r.bindings[1].write);
}

Test(gpu_pointer, results_are_ordered_by_derived_barriers)
{
    struct gpu *gpu = test_gpu();
    if (!gpu_get_limits(gpu)->addresses) cr_skip_test("no buffer addresses here");
    struct gpu_range x = test_floats(gpu, 1000, 1), y = test_floats(gpu, 2000, 0);
    const struct gpu_range part = {y.buffer, 1024, 3000}; // an offset that every device allows
    struct gpu_range z = test_floats(gpu, 750, 0);
    struct gpu_stream *stream = NULL;
    OK(gpu_stream_create(gpu, "pointers", &stream));
    add(stream, part, (struct gpu_range){x.buffer, 0, 3000}, 2);
    add(stream, z, part, 4);
    cr_expect_eq(gpu_stream_barrier_count(stream), 1);
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    test_expect(gpu, z, 7);
    test_expect(gpu, (struct gpu_range){y.buffer, 0, 1024}, 0);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_buffer_destroy(&z.buffer);
    gpu_close(&gpu);
}

Test(gpu_pointer, a_device_without_addresses_refuses)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range x = test_floats(gpu, 64, 1);
    struct gpu_stream *stream = NULL;
    gpu->features.addresses = false;
    OK(gpu_stream_create(gpu, "pointers", &stream));
    add(stream, x, x, 2);
    cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), "no buffer addresses"));
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}
