// SPDX-License-Identifier: MIT
// The table of operators and what they share.
#include "op/op.h"

#include <string.h>

const struct op *const op_table[] = {
#define OP(name) &op_##name,
#include "op/ops.def"
#undef OP
    NULL,
};

const struct op *op_find(const char *name)
{
    for (const struct op *const *row = op_table; *row; row++) {
        if (strcmp((*row)->name, name) == 0) return *row;
    }
    return NULL;
}

static bool has_halves(const struct op_infer *info)
{
    bool any = false;
    for (uint32_t i = 0; i < info->in_count; i++) any |= info->present[i] && info->in[i].type != GPU_FP32;
    for (uint32_t i = 0; i < info->out_count; i++) any |= info->out[i].type != GPU_FP32;
    return any;
}

// An operand or output beside others of 16 bits, which may or may not be of 16 bits itself.
static bool goes_with_halves(const struct op *op, const struct op_infer *info, struct op_shape shape, bool allowed)
{
    if (shape.type == GPU_FP32) return !allowed || shape.c % 2 == 0 || (op->flags & OP_ODD_CHANNELS);
    return allowed && shape.c % 4 == 0 && info->attr->groups <= 1;
}

bool op_takes_halves(const struct op *op, const struct op_infer *info)
{
    bool takes = true;
    if (!has_halves(info)) return true;
    for (uint32_t i = 0; i < info->in_count; i++) {
        if (info->present[i]) takes &= goes_with_halves(op, info, info->in[i], op->half_in >> i & 1);
    }
    for (uint32_t i = 0; i < info->out_count; i++) takes &= goes_with_halves(op, info, info->out[i], op->half_out >> i & 1);
    return takes;
}

const struct op_variant *op_offered(const struct op *op, const struct op_infer *info, uint32_t index, struct op_needs *needs)
{
    for (const struct op_variant *const *table = op->variants; table && *table; table++) {
        for (const struct op_variant *row = *table; row->name; row++) {
            struct op_needs needed = {0};
            if ((!row->halves && has_halves(info)) || !row->offer(info, &needed) || index-- > 0) continue;
            *needs = needed;
            return row;
        }
    }
    return NULL;
}

bool op_may_win(const struct gpu_limits *limits, const struct op_variant *variant)
{
    if (variant->family == OP_FAMILY_SOFTWARE) return limits->software && limits->uniform_loads;
    return !limits->software;
}

void op_record(struct gpu_stream *stream, const struct op *op, const struct op_variant *variant, bool prepare, const struct op_call *call)
{
    if (prepare && variant && variant->prepare) variant->prepare(stream, call);
    (variant ? variant->record : op->record)(stream, call);
}

struct gpu_range op_slice(struct gpu_range range, uint64_t offset, uint64_t size)
{
    return (struct gpu_range){range.buffer, range.offset + offset, size, range.type};
}

enum nephos_status op_check_count(const struct op_infer *info, struct op_shape shape)
{
    if (op_count(shape) <= UINT32_MAX / 4) return NEPHOS_OK; // byte offsets must fit 32 bits in every kernel
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT,
                     "%s: a tensor of %ux%ux%ux%u (NHWC) has more than 2^30 elements; use a smaller batch or size", info->label, shape.n,
                     shape.h, shape.w, shape.c);
}

enum nephos_status op_expect_inputs(const struct op_infer *info, uint32_t count)
{
    if (info->in_count != count) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: takes %u operands, got %u", info->label, count, info->in_count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!info->present[i]) return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: operand %u is missing", info->label, i);
        if (op_count(info->in[i]) == 0) return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: operand %u is empty", info->label, i);
        const enum nephos_status status = op_check_count(info, info->in[i]);
        if (status != NEPHOS_OK) return status;
    }
    return NEPHOS_OK;
}

enum nephos_status op_expect_shape(const struct op_infer *info, uint32_t input, const char *what, struct op_shape shape)
{
    const struct op_shape got = info->in[input];
    if (op_shape_equal(got, shape)) return NEPHOS_OK;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %s is %ux%ux%ux%u (NHWC), must be %ux%ux%ux%u", info->label, what, got.n, got.h,
                     got.w, got.c, shape.n, shape.h, shape.w, shape.c);
}

bool op_has_halves(const struct gpu_range *ranges, uint32_t count)
{
    bool any = false;
    for (uint32_t i = 0; i < count; i++) any |= ranges[i].buffer && ranges[i].type != GPU_FP32;
    return any;
}

void op_dispatch_1d(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, const uint32_t *spec,
                    uint32_t spec_count, const struct gpu_range *ranges, uint32_t range_count, const void *push, uint32_t push_size,
                    uint64_t count, double flops, double bytes)
{
    const uint64_t invocations = op_has_halves(ranges, range_count) ? count / 2 : count;
    const uint64_t groups = (invocations + OP_GROUP_SIZE - 1) / OP_GROUP_SIZE;
    const uint32_t most = gpu_get_limits(call->gpu)->max_group_count[0];
    const uint32_t x = groups < most ? (uint32_t)groups : most;
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = shader,
                                    .spec = spec,
                                    .spec_count = spec_count,
                                    .ranges = ranges,
                                    .range_count = range_count,
                                    .push = push,
                                    .push_size = push_size,
                                    .groups = {x, x ? (uint32_t)((groups + x - 1) / x) : 0, 1},
                                    .flops = flops,
                                    .bytes = bytes,
                                    .label = call->label,
                                });
}
