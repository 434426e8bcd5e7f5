// SPDX-License-Identifier: MIT
// Portability: what every kernel asks of a device, read from its SPIR-V, stays within what Vulkan 1.2 guarantees; and all checks pass
// on a device that offers no more than that.
#include "check/check.h"
#include "common/device.h"
#include "common/record.h"
#include "gpu/stream.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

// Vulkan 1.2 specification, "Required Limits".
enum { STORAGE_BUFFERS = 4, INVOCATIONS = 128, SHARED_BYTES = 16384, PUSH_BYTES = 128, UNIFORM_BYTES = 16384 };
static const uint32_t group_size[3] = {128, 128, 64};

// --- a walk over SPIR-V -----------------------------------------------------------------------------------------------

enum {
    OP_EXTENSION = 10,
    OP_CAPABILITY = 17,
    OP_TYPE_INT = 21,
    OP_TYPE_FLOAT = 22,
    OP_TYPE_VECTOR = 23,
    OP_TYPE_ARRAY = 28,
    OP_TYPE_STRUCT = 30,
    OP_TYPE_POINTER = 32,
    OP_CONSTANT = 43,
    OP_SPEC_CONSTANT = 50,
    OP_VARIABLE = 59,
    OP_DECORATE = 71,
    OP_MEMBER_DECORATE = 72
};
enum { DECORATION_SPEC_ID = 1, DECORATION_OFFSET = 35, CLASS_WORKGROUP = 4, CLASS_PUSH = 9, CAPABILITY_SHADER = 1 };

struct walk {
    const struct gpu_kernel *kernel;
    const uint32_t **made;   // [id] the instruction that makes it
    uint32_t *spec_id;       // [id] of a constant, plus 1
    uint32_t *last_offset;   // [id] of a struct: of its last member
    uint32_t shared, push;   // bytes
};

static uint32_t length_of(const uint32_t *w)
{
    return w[0] >> 16;
}

static uint32_t opcode_of(const uint32_t *w)
{
    return w[0] & 0xffff;
}

static uint32_t constant(const struct walk *walk, uint32_t id)
{
    const uint32_t *w = walk->made[id], spec = walk->spec_id[id];
    cr_assert(w && (opcode_of(w) == OP_CONSTANT || opcode_of(w) == OP_SPEC_CONSTANT), "%s: a length that is computed",
              walk->kernel->shader->name);
    return spec && spec - 1 < walk->kernel->spec_count ? walk->kernel->spec[spec - 1] : w[3];
}

static uint32_t size_of(const struct walk *walk, uint32_t type)
{
    const uint32_t *w = walk->made[type];
    cr_assert(w);
    uint32_t size = 0;
    switch (opcode_of(w)) {
    case OP_TYPE_INT:
    case OP_TYPE_FLOAT:
        cr_expect_eq(w[2], 32, "%s: numbers of %u bits", walk->kernel->shader->name, w[2]);
        return w[2] / 8;
    case OP_TYPE_VECTOR: return (w[3] == 3 ? 4 : w[3]) * size_of(walk, w[2]);
    case OP_TYPE_ARRAY: return constant(walk, w[3]) * size_of(walk, w[2]);
    case OP_TYPE_STRUCT:
        for (uint32_t i = 2; i < length_of(w); i++) size += size_of(walk, w[i]);
        return size;
    default: cr_assert(false, "%s: opcode %u of a shared type is unknown to this test", walk->kernel->shader->name, opcode_of(w));
    }
    return 0;
}

static void note_variable(struct walk *walk, const uint32_t *w)
{
    const uint32_t type = walk->made[w[1]][3];
    if (w[3] == CLASS_WORKGROUP) walk->shared += size_of(walk, type);
    if (w[3] != CLASS_PUSH) return;
    const uint32_t *block = walk->made[type];
    walk->push = walk->last_offset[type] + size_of(walk, block[length_of(block) - 1]);
}

static void note(struct walk *walk, const uint32_t *w)
{
    const char *name = walk->kernel->shader->name;
    const uint32_t opcode = opcode_of(w);
    if (opcode == OP_CAPABILITY) cr_expect_eq(w[1], CAPABILITY_SHADER, "%s: needs capability %u", name, w[1]);
    if (opcode == OP_EXTENSION) cr_expect(false, "%s: needs the extension %s", name, (const char *)(w + 1));
    if (opcode >= OP_TYPE_INT && opcode <= OP_TYPE_POINTER) walk->made[w[1]] = w;
    if (opcode == OP_CONSTANT || opcode == OP_SPEC_CONSTANT) walk->made[w[2]] = w;
    if (opcode == OP_DECORATE && w[2] == DECORATION_SPEC_ID) walk->spec_id[w[1]] = w[3] + 1;
    if (opcode == OP_MEMBER_DECORATE && w[3] == DECORATION_OFFSET && w[4] > walk->last_offset[w[1]]) walk->last_offset[w[1]] = w[4];
    if (opcode == OP_VARIABLE) note_variable(walk, w);
}

static struct walk walk_kernel(const struct gpu_kernel *kernel)
{
    const uint32_t *code = kernel->shader->code, *end = code + kernel->shader->code_size / 4, bound = code[3];
    struct walk walk = {
        .kernel = kernel, .made = calloc(bound, sizeof *walk.made), .spec_id = calloc(bound, 4), .last_offset = calloc(bound, 4)};
    cr_assert(walk.made && walk.spec_id && walk.last_offset);
    cr_expect_leq(code[1], 0x10500, "%s: SPIR-V version %x", kernel->shader->name, code[1]); // what Vulkan 1.2 reads
    for (const uint32_t *w = code + 5; w < end; w += length_of(w)) note(&walk, w);
    free(walk.made);
    free(walk.spec_id);
    free(walk.last_offset);
    return walk;
}

// --- what kernels ask for ---------------------------------------------------------------------------------------------

static void expect_within_guarantees(const struct gpu_kernel *kernel)
{
    const struct gpu_reflection *r = &kernel->reflection;
    const struct walk walk = walk_kernel(kernel);
    const char *name = kernel->shader->name;
    uint32_t storage = 0, uniform = 0;
    for (uint32_t i = 0; i < r->binding_count; i++) {
        storage += r->bindings[i].used && !r->bindings[i].uniform;
        uniform += r->bindings[i].used && r->bindings[i].uniform;
    }
    cr_expect_leq(storage, STORAGE_BUFFERS, "%s: %u storage buffers", name, storage);
    cr_expect_leq(uniform, 1, "%s: %u uniform buffers", name, uniform);
    for (int i = 0; i < 3; i++) cr_expect_leq(r->group_size[i], group_size[i], "%s: workgroup of %u", name, r->group_size[i]);
    cr_expect_leq(r->group_size[0] * r->group_size[1] * r->group_size[2], INVOCATIONS, "%s", name);
    cr_expect_leq(walk.shared, SHARED_BYTES, "%s: %u bytes of shared memory", name, walk.shared);
    cr_expect_leq(walk.push, PUSH_BYTES, "%s: %u bytes of push constants", name, walk.push);
}

// What a kernel reads of its push constants must have been given.
static void expect_push_data(const struct gpu_stream *stream)
{
    for (uint32_t i = 0; i < stream->count; i++) {
        const struct gpu_command *command = &stream->commands[i];
        if (command->kind != GPU_COMMAND_DISPATCH) continue;
        const struct walk walk = walk_kernel(command->kernel);
        cr_assert_geq(command->push_size, walk.push, "%s: reads %u bytes of push constants, gets %u", command->kernel->shader->name,
                      walk.push, command->push_size);
    }
}

static bool is_used(const struct gpu *gpu, const struct gpu_shader *shader)
{
    for (uint32_t i = 0; i < gpu->kernel_count; i++) {
        if (gpu->kernels[i]->shader == shader) return true;
    }
    return false;
}

// As a device of that kind would choose, with and without what goes beyond the baseline.
static void record_as(struct gpu *gpu, bool software, uint32_t subgroup_size, bool offers)
{
    struct gpu_stream *stream = NULL;
    gpu->limits.software = software;
    gpu->limits.subgroup_size = subgroup_size;
    gpu->limits.variants = gpu->limits.addresses = gpu->limits.float16 = gpu->limits.storage16 = gpu->limits.uniform_loads = offers;
    const struct gpu_matrix_list matrices = {.shapes = {{16, 16, 16}}, .count = offers};
    gpu->limits.matrices = (struct gpu_matrices){.of = {[GPU_FP16] = matrices, [GPU_BF16] = matrices}, .subgroup = 32};
    gpu->features.addresses |= offers; // nothing is run
    cr_assert_eq(test_record_everything(gpu, &stream), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    if (!software && !offers) expect_push_data(stream);
    gpu_stream_destroy(&stream);
}

Test(limits, every_baseline_kernel_stays_within_what_vulkan_guarantees)
{
    struct gpu *gpu = test_gpu();
    record_as(gpu, false, 32, false);
    record_as(gpu, true, 4, false);
    record_as(gpu, true, 128, false);
    for (uint32_t i = 0; i < gpu->kernel_count; i++) expect_within_guarantees(gpu->kernels[i]);
    gpu_close(&gpu);
}

Test(limits, every_kernel_is_used)
{
    struct gpu *gpu = test_gpu();
    for (int software = 0; software < 2; software++)
        for (uint32_t subgroup = 4; subgroup <= 64; subgroup *= 2) record_as(gpu, software, subgroup, true);
    for (const struct gpu_shader *const *shader = gpu_shaders; *shader; shader++) {
        cr_expect(is_used(gpu, *shader), "%s is in no check and no network: nothing is known about it", (*shader)->name);
    }
    gpu_close(&gpu);
}

// --- checks on lesser devices -----------------------------------------------------------------------------------------

static void on_result(void *user, const struct nephos_check_result *result)
{
    (void)user;
    cr_expect(result->passed, "%s %s: %s (deviation %.3g, allowed %.3g)", result->kernel, result->test_case, result->detail, result->error,
              result->limit);
}

// What a driver may not fall below; nothing that is recorded may ask for more.
static void clamp(struct gpu *gpu)
{
    gpu->limits.max_binding_size = UINT64_C(128) << 20;
    gpu->limits.max_buffer_size = UINT64_C(1) << 30;
    gpu->limits.offset_alignment = 256;
    gpu->limits.max_invocations = INVOCATIONS;
    gpu->limits.max_shared_memory = SHARED_BYTES;
    gpu->vk_limits.maxUniformBufferRange = UNIFORM_BYTES;
    for (int i = 0; i < 3; i++) {
        gpu->limits.max_group_count[i] = gpu->vk_limits.maxComputeWorkGroupCount[i] = 65535;
        gpu->vk_limits.maxComputeWorkGroupSize[i] = group_size[i];
    }
}

Test(limits, all_checks_pass_on_a_gpu_with_the_least_that_vulkan_guarantees)
{
    if (test_validation()) cr_skip("the layer sees these kernels in their own tests");
    struct gpu *gpu = test_gpu();
    clamp(gpu);
    gpu->limits.software = false; // the tiles that a GPU gets
    gpu->limits.variants = gpu->limits.addresses = gpu->limits.float16 = gpu->limits.storage16 = false;
    gpu->limits.matrices = (struct gpu_matrices){0};
    cr_expect_eq(check_run_all(gpu, false, on_result, NULL), NEPHOS_OK);
    gpu_close(&gpu);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}

// 7 workgroups along x: nearly every dispatch goes on in y, mostly with a last row that is not full.
Test(limits, all_checks_pass_where_workgroups_are_folded)
{
    if (test_validation()) cr_skip("the layer sees these kernels in their own tests");
    struct gpu *gpu = test_gpu();
    if (strstr(gpu_info(gpu)->name, "SwiftShader")) cr_skip("the host cuts dispatches, so one driver is enough");
    clamp(gpu);
    gpu->limits.max_group_count[0] = 7;
    gpu->limits.matrices = (struct gpu_matrices){0}; // they record their workgroups as tiles do
    const struct check_op *tiles = check_find("conv_transpose2d"); // of all that have tiles the quickest on a CPU
    for (uint32_t i = 0; i < tiles->case_count; i++) {
        struct nephos_check_result result;
        check_run_case(gpu, tiles, &tiles->cases[i], 1, &result, on_result, NULL);
    }
    gpu->limits.variants = false;
    cr_expect_eq(check_run_all(gpu, false, on_result, NULL), NEPHOS_OK);
    gpu_close(&gpu);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}

// Five blocks of tiles, of which the last has three: two at a time forwards and for the gradient of the input, one for that of weights.
Test(limits, winograd_takes_few_tiles_at_once_where_bindings_are_small)
{
    struct gpu *gpu = test_gpu();
    const struct check_case c = {
        .op = "conv2d", .in = {{1, 18, 28, 32}, {32, 3, 3, 32}}, .in_count = 2, .attr = {.pad = {1, 1}}, .partials = 16};
    struct nephos_check_result result;
    gpu->limits.max_binding_size = 1 << 20;
    check_run_case(gpu, check_find("conv2d"), &c, 1, &result, on_result, NULL);
    gpu_close(&gpu);
}

// The least binding size that lets a convolution go: two images at a time, or what the weights need.
static uint64_t small_binding(const struct check_case *c)
{
    const uint64_t x = op_bytes(c->in[0]) / c->in[0].n, w = op_bytes(c->in[1]);
    return 2 * x > w ? 2 * x : w;
}

// Gradients of bias and ReLU and statistics want all of dy or y in one binding (as the plan of a network makes sure), so such cases
// stay out.
Test(limits, convolutions_split_batches_where_bindings_are_small)
{
    struct gpu *gpu = test_gpu();
    test_leave_tiles_to_the_other_driver(gpu);
    const uint64_t usual = gpu->limits.max_binding_size;
    uint32_t split = 0;
    const struct check_op *check = check_find("conv2d");
    for (uint32_t i = 0; i < check->case_count; i++) {
        struct check_case c = check->cases[i];
        if (c.in[2].n || c.slow || c.software || c.in[0].n > 4 || c.attr.relu || c.attr.stats) continue;
        if (!c.partials || c.partials > 16) c.partials = 16;
        struct op_infer info = {.attr = &c.attr, .in_count = c.in_count, .limits = &gpu->limits, .label = "case"};
        for (uint32_t k = 0; k < c.in_count; k++) {
            // so that there are parts; where images do not start aligned, the operator refuses, and the case is left out
            if (k != 1 && c.in[k].n) c.in[k].n = 5;
            info.in[k] = c.in[k];
            info.present[k] = c.in[k].n != 0;
        }
        gpu->limits.max_binding_size = usual;
        cr_assert_eq(op_find("conv2d")->infer(&info), NEPHOS_OK);
        gpu->limits.max_binding_size = small_binding(&c);
        const uint64_t y = 2 * op_bytes(info.out[0]) / 5;
        if (y > gpu->limits.max_binding_size) gpu->limits.max_binding_size = y;
        if (gpu->limits.max_binding_size >= op_bytes(c.in[0]) || op_find("conv2d")->infer(&info) != NEPHOS_OK) continue;
        struct nephos_check_result result;
        split++;
        check_run_case(gpu, check, &c, 1, &result, on_result, NULL);
    }
    cr_expect_geq(split, 2, "%u cases were split", split);
    gpu_close(&gpu);
}
