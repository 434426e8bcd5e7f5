// SPDX-License-Identifier: MIT
// Reflection of SPIR-V, and kernels made of it.
#include "gpu_test.h"

#include "gpu/kernel.h"

Test(gpu_reflect, qualifiers_tell_what_is_read_and_written)
{
    struct gpu_reflection r;
    OK(gpu_reflect(test_log(), &shader_test_scale, NULL, 0, &r));
    cr_assert_eq(r.binding_count, 2);
    cr_expect(r.bindings[0].used && r.bindings[0].read && !r.bindings[0].write && !r.bindings[0].uniform);
    cr_expect(r.bindings[1].used && !r.bindings[1].read && r.bindings[1].write && !r.bindings[1].uniform);
}

Test(gpu_reflect, a_plain_buffer_is_read_and_written_and_a_uniform_one_read)
{
    struct gpu_reflection r;
    OK(gpu_reflect(test_log(), &shader_test_uniform, NULL, 0, &r));
    cr_assert_eq(r.binding_count, 2);
    cr_expect(r.bindings[0].read && r.bindings[0].write && !r.bindings[0].uniform);
    cr_expect(r.bindings[1].read && !r.bindings[1].write && r.bindings[1].uniform);
}

Test(gpu_reflect, the_workgroup_size_follows_the_specialization)
{
    struct gpu_reflection r;
    OK(gpu_reflect(test_log(), &shader_test_uniform, NULL, 0, &r));
    cr_expect(r.group_size[0] == 64 && r.group_size[1] == 1 && r.group_size[2] == 1);
    OK(gpu_reflect(test_log(), &shader_test_scale, NULL, 0, &r));
    cr_expect_eq(r.group_size[0], 64, "the default in the shader is %u", r.group_size[0]);
    OK(gpu_reflect(test_log(), &shader_test_scale, (uint32_t[]){32}, 1, &r));
    cr_expect_eq(r.group_size[0], 32);
}

Test(gpu_reflect, every_kernel_of_this_build_is_understood)
{
    for (const struct gpu_shader *const *shader = gpu_shaders; *shader; shader++) {
        struct gpu_reflection r = {0};
        OK(gpu_reflect(test_log(), *shader, NULL, 0, &r));
        cr_expect_gt(r.binding_count, 0, "%s", (*shader)->name);
    }
}

// A private copy of exactly `size` bytes, so that a sanitizer sees reading behind the end.
static void reflect_copy(const uint32_t *code, size_t size)
{
    uint32_t *copy = malloc(size ? size : 1);
    struct gpu_reflection r = {0};
    cr_assert(copy);
    memcpy(copy, code, size);
    const struct gpu_shader shader = {"damaged", copy, size};
    if (gpu_reflect(test_log(), &shader, NULL, 0, &r) == NEPHOS_OK) {
        cr_expect_leq(r.binding_count, GPU_MAX_BINDINGS);
        cr_expect(r.group_size[0] && r.group_size[1] && r.group_size[2]);
    } else {
        cr_expect(strstr(nephos_last_error(test_log()), "damaged"));
    }
    free(copy);
}

Test(gpu_reflect, truncated_code_is_refused_or_read_within_its_bounds)
{
    for (size_t size = 0; size < shader_test_scale.code_size; size++) reflect_copy(shader_test_scale.code, size);
    const struct gpu_shader half = {"damaged", shader_test_scale.code, shader_test_scale.code_size / 8 * 4};
    struct gpu_reflection r;
    cr_expect_eq(gpu_reflect(test_log(), &half, NULL, 0, &r), NEPHOS_ERROR);
}

Test(gpu_reflect, damaged_code_is_refused_or_read_within_its_bounds)
{
    static const uint32_t patterns[] = {0, 1, 0xffff, 0xffffffff, 0x00010000, 0x7fffffff};
    const size_t size = shader_test_scale.code_size;
    uint32_t *code = malloc(size);
    cr_assert(code);
    for (size_t i = 0; i < size / 4; i++) {
        for (size_t p = 0; p < ARRAY_COUNT(patterns); p++) {
            memcpy(code, shader_test_scale.code, size);
            code[i] = patterns[p];
            reflect_copy(code, size);
        }
    }
    free(code);
}

Test(gpu_kernel, the_same_shader_and_constants_are_one_kernel)
{
    struct gpu *gpu = test_gpu();
    const struct gpu_kernel *a, *b, *c, *d;
    OK(gpu_kernel_get(gpu, &shader_test_scale, (uint32_t[]){64, 1}, 2, &a));
    OK(gpu_kernel_get(gpu, &shader_test_scale, (uint32_t[]){64, 1}, 2, &b));
    OK(gpu_kernel_get(gpu, &shader_test_scale, (uint32_t[]){64, 2}, 2, &c));
    OK(gpu_kernel_get(gpu, &shader_test_uniform, NULL, 0, &d));
    cr_expect_eq(a, b);
    cr_expect_neq(a, c);
    cr_expect_neq(a, d);
    gpu_close(&gpu);
}

Test(gpu_kernel, many_kernels_compile_on_several_threads)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.threads = 4});
    const struct gpu_kernel *kernels[100];
    for (uint32_t i = 0; i < 100; i++) {
        OK(gpu_kernel_get(gpu, &shader_test_scale, (uint32_t[]){64, gpu_spec_float((float)i)}, 2, &kernels[i]));
    }
    OK(gpu_kernels_compile(gpu));
    for (uint32_t i = 0; i < 100; i++) cr_expect_neq(kernels[i]->pipeline, VK_NULL_HANDLE);
    gpu_close(&gpu);
}

Test(gpu_kernel, a_workgroup_beyond_the_limit_is_refused_by_name)
{
    struct gpu *gpu = test_gpu();
    const struct gpu_kernel *kernel = NULL;
    const uint32_t size = gpu_get_limits(gpu)->max_invocations + 1;
    cr_expect_eq(gpu_kernel_get(gpu, &shader_test_scale, &size, 1, &kernel), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), "test_scale"));
    cr_expect_null(kernel);
    gpu_close(&gpu);
}

Test(gpu_kernel, ranges_of_16_bits_are_refused_where_they_are_not_known)
{
    struct gpu *gpu = test_gpu();
    struct gpu_buffer *buffer = NULL;
    struct gpu_stream *stream = NULL;
    cr_assert_eq(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, 256, "halves", &buffer), NEPHOS_OK);
    cr_assert_eq(gpu_stream_create(gpu, "halves", &stream), NEPHOS_OK);
    const struct gpu_range range = {buffer, 0, 256, GPU_FP16};
    const uint32_t spec[] = {64, gpu_spec_float(2)}, count = 128;
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){.shader = &shader_test_scale, .spec = spec, .spec_count = 2, .ranges = &range,
                                                       .range_count = 1, .push = &count, .push_size = sizeof count, .groups = {1, 1, 1}});
    cr_expect_eq(gpu_stream_finish(stream), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), "test_scale"));
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&buffer);
    gpu_close(&gpu);
}

Test(gpu_kernel, too_many_constants_are_refused_by_name)
{
    struct gpu *gpu = test_gpu();
    const struct gpu_kernel *kernel = NULL;
    const uint32_t spec[GPU_MAX_SPEC + 1] = {64};
    cr_expect_eq(gpu_kernel_get(gpu, &shader_test_scale, spec, GPU_MAX_SPEC + 1, &kernel), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log()), "test_scale"));
    gpu_close(&gpu);
}
