// SPDX-License-Identifier: MIT
// Optimizers over a slice of the slabs. Operands: parameters (updated), their gradients, the moments (updated; sgd: 1 float per
// parameter, adam and its kin: m and v side by side), and clip_scale's result: gradients are multiplied with its factor, and
// nothing at all is changed when it says that they are not finite. No outputs. Learning rate, step count and bias corrections
// come from the step uniform. PyTorch's semantics.
// Attributes: weight_decay, lr_factor; adam, adamw, radam, nadam: beta1, beta2, eps; sgd: momentum, nesterov.
#include "optimizer.h"
#include "op/software.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info, uint32_t moments)
{
    enum nephos_status status;
    TRY(op_expect_inputs(info, 4));
    TRY(op_expect_shape(info, 1, "the gradient", info->in[0]));
    TRY(op_expect_shape(info, 3, "the gradient scale", op_vector(4)));
    if (op_count(info->in[2]) != moments * op_count(info->in[0])) {
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %llu moments for %llu parameters, must be %u for each", info->label,
             (unsigned long long)op_count(info->in[2]), (unsigned long long)op_count(info->in[0]), moments);
    }
    info->out_count = 0;
fail:
    return status;
}

static float lr_factor(const struct op_attr *attr)
{
    return attr->lr_factor > 0 ? attr->lr_factor : 1;
}

static void record(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, const uint32_t *spec,
                   const void *push, uint32_t push_size, double bytes)
{
    const struct gpu_range ranges[] = {call->in[0].range, call->in[1].range, call->in[2].range, call->in[3].range, call->step};
    const uint64_t count = op_count(call->in[0].shape);
    op_dispatch_1d(stream, call, shader, spec, spec ? 1 : 0, ranges, ARRAY_COUNT(ranges), push, push_size, count, 16.0 * (double)count,
                   bytes * (double)count);
}

// --- sgd --------------------------------------------------------------------------------------------------------------

static enum nephos_status infer_sgd(struct op_infer *info)
{
    return infer(info, 1);
}

static void record_sgd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct sgd_push push = {
        .count = (uint32_t)op_count(call->in[0].shape),
        .momentum = call->attr->momentum,
        .weight_decay = call->attr->weight_decay,
        .lr_factor = lr_factor(call->attr),
        .nesterov = call->attr->nesterov,
    };
    record(stream, call, &shader_sgd, NULL, &push, sizeof push, 20);
}

const struct op op_sgd = {.name = "sgd", .flags = OP_SIDE_EFFECT, .infer = infer_sgd, .record = record_sgd};

// --- adam and its kin ------------------------------------------------------------------------------------------------------

static enum nephos_status infer_adam(struct op_infer *info)
{
    const struct op_attr *attr = info->attr;
    if (attr->beta1 >= 0 && attr->beta1 < 1 && attr->beta2 >= 0 && attr->beta2 < 1 && attr->eps > 0) return infer(info, 2);
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: beta1 %g and beta2 %g must be at least 0 and below 1, eps %g above 0",
                     info->label, (double)attr->beta1, (double)attr->beta2, (double)attr->eps);
}

static struct adam_push adam_push_of(const struct op_call *call)
{
    const struct op_attr *attr = call->attr;
    return (struct adam_push){
        .count = (uint32_t)op_count(call->in[0].shape),
        .beta1 = attr->beta1,
        .beta2 = attr->beta2,
        .one_minus_beta1 = (float)(1.0 - (double)attr->beta1),
        .one_minus_beta2 = (float)(1.0 - (double)attr->beta2),
        .eps = attr->eps,
        .weight_decay = attr->weight_decay,
        .lr_factor = lr_factor(attr),
    };
}

static void record_any_adam(struct gpu_stream *stream, const struct op_call *call, uint32_t kind)
{
    const struct adam_push push = adam_push_of(call);
    record(stream, call, &shader_adam, &kind, &push, sizeof push, 28);
}

// Two parameters a lane: stores of two floats cost as much as those of one.
static bool offer_adam_software(const struct op_infer *info, struct op_needs *needs)
{
    const uint64_t count = op_count(info->in[0]);
    (void)needs;
    return count % 2 == 0 && info->limits->offset_alignment % 8 == 0 && op_lane_rows_offered(info->limits, count / 2);
}

static void record_any_adam_software(struct gpu_stream *stream, const struct op_call *call, uint32_t kind)
{
    const struct op_lane_rows rows = op_lane_rows(gpu_get_limits(call->gpu), op_count(call->in[0].shape) / 2);
    struct adam_push push = adam_push_of(call);
    push.rows = rows.rows;
    push.chunk_rows = rows.chunk_rows;
    struct op_columns columns = op_lane_columns(&rows, &shader_adam_software, &push, sizeof push);
    columns.variant = kind;
    columns.in_place = true;
    columns.ranges = (const struct gpu_range[]){call->in[0].range, call->in[1].range, call->in[2].range, call->in[3].range, call->step};
    columns.range_count = 5;
    columns.flops = 16.0 * push.count;
    op_dispatch_columns(stream, call, &columns);
}

#define ADAM(op_name, kind)                                                                                                                \
    static void record_##op_name(struct gpu_stream *stream, const struct op_call *call)                                                    \
    {                                                                                                                                      \
        record_any_adam(stream, call, kind);                                                                                               \
    }                                                                                                                                      \
    static void record_##op_name##_software(struct gpu_stream *stream, const struct op_call *call)                                         \
    {                                                                                                                                      \
        record_any_adam_software(stream, call, kind);                                                                                      \
    }                                                                                                                                      \
    const struct op op_##op_name = {                                                                                                       \
        .name = #op_name,                                                                                                                  \
        .flags = OP_SIDE_EFFECT,                                                                                                           \
        .infer = infer_adam,                                                                                                               \
        .record = record_##op_name,                                                                                                        \
        .variants = OP_SOFTWARE(offer_adam_software, record_##op_name##_software),                                                         \
    }
ADAM(adam, ADAM_PLAIN);
ADAM(adamw, ADAM_DECOUPLED);
ADAM(radam, ADAM_RECTIFIED);
ADAM(nadam, ADAM_NESTEROV);
