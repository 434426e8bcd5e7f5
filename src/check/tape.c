// SPDX-License-Identifier: MIT
#include "check/tape.h"

#include "base/half.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GUARD_WORDS 64
// Both are quiet NaNs, so that what is read by mistake shows in the result; guards carry their position.
#define GUARD_WORD(i) (0xffc00000u | ((uint32_t)(i)&0x3fffffu))
#define UNWRITTEN_WORD 0x7fc0deadu
#define UNWRITTEN_HALVES 0x7fc17fc1u // NaN as halves and as bf16

const struct step_values check_step = {
    .seed_lo = 0x12345678,
    .seed_hi = 0x9abcdef0,
    .count = 3,
    .lr = 0.01f,
    .bias_correction1 = 0.271f,
    .bias_correction2 = 0.002997001f,
    .bias_correction3 = 0.6f,
};

void tape_init(struct tape *tape, struct gpu *gpu)
{
    *tape = (struct tape){.gpu = gpu, .words = GUARD_WORDS};
    memcpy(tape->step_words, &check_step, sizeof check_step);
    tape_add_tensor(tape, (struct op_shape){1, 1, 1, ARRAY_COUNT(tape->step_words)}, tape->step_words, &tape->step);
}

void tape_free(struct tape *tape)
{
    free(tape->before);
    free(tape->after);
    free(tape->values);
    *tape = (struct tape){0};
}

enum nephos_status tape_add_tensor(struct tape *tape, struct op_shape shape, const uint32_t *initial, op_id *id)
{
    if (tape->tensor_count == TAPE_MAX_TENSORS)
        return base_fail(gpu_log(tape->gpu), NEPHOS_ERROR, "check: more than %d tensors in a case", TAPE_MAX_TENSORS);
    const uint64_t alignment = gpu_get_limits(tape->gpu)->offset_alignment / 4;
    const uint64_t offset = alignment > 1 ? (tape->words + alignment - 1) / alignment * alignment : tape->words;
    *id = tape->tensor_count++;
    tape->tensor[*id] = (struct tape_tensor){shape, initial, offset, tape->count};
    tape->words = offset + (op_bytes(shape) + 3) / 4 + GUARD_WORDS;
    tape->count += op_count(shape);
    return NEPHOS_OK;
}

static enum nephos_status infer(struct tape *tape, const struct op *op, const struct op_attr *attr, const op_id *in, uint32_t in_count,
                                struct op_infer *info)
{
    *info = (struct op_infer){
        .attr = attr, .in_count = in_count, .limits = gpu_get_limits(tape->gpu), .log = gpu_log(tape->gpu), .label = op->name};
    for (uint32_t i = 0; i < in_count; i++) {
        info->present[i] = in[i] != OP_NONE;
        if (info->present[i]) info->in[i] = tape->tensor[in[i]].shape;
    }
    return op->infer(info);
}

// Gives new results this type where the operator can.
static void choose_types(const struct tape *tape, const struct op *op, const op_id *out, enum gpu_type type, struct op_infer *info)
{
    for (uint32_t i = 0; i < info->out_count; i++) {
        info->out[i].type = GPU_FP32;
        if (out[i] != OP_NONE)
            info->out[i].type = tape->tensor[out[i]].shape.type;
        else if ((op->half_out >> i & 1) && info->out[i].c % 4 == 0)
            info->out[i].type = type;
    }
}

static enum nephos_status add_outputs(struct tape *tape, const struct op_infer *info, op_id *out)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < info->out_count; i++) {
        if (out[i] == OP_NONE)
            TRY(tape_add_tensor(tape, info->out[i], NULL, &out[i]));
        else if (!op_shape_equal(tape->tensor[out[i]].shape, info->out[i]))
            FAIL(info->log, NEPHOS_ERROR, "%s: output %u does not have the shape of the tensor it is the gradient of", info->label, i);
    }
fail:
    return status;
}

static void note_offers(struct tape *tape, const struct op *op, const struct op_infer *info)
{
    struct op_needs needs;
    const struct op_variant *variant;
    for (uint32_t i = 0; i < 64 && (variant = op_offered(op, info, i, &needs)); i++) {
        if (variant->family == OP_FAMILY_SOFTWARE) tape->others |= UINT64_C(1) << i;
        if (i >= tape->offers) tape->offers = i + 1;
    }
}

enum nephos_status tape_add_node(struct tape *tape, const char *name, const struct op_attr *attr, const op_id *in, uint32_t in_count,
                                 op_id *out, uint32_t *out_count, uint32_t accumulate)
{
    enum nephos_status status = NEPHOS_OK;
    struct nephos_log *log = gpu_log(tape->gpu);
    const struct op *op = op_find(name);
    if (!op) FAIL(log, NEPHOS_ERROR, "check: there is no operator '%s'", name);
    if (tape->node_count == TAPE_MAX_NODES) FAIL(log, NEPHOS_ERROR, "check: more than %d nodes in a case", TAPE_MAX_NODES);
    struct op_infer info;
    TRY(infer(tape, op, attr, in, in_count, &info));
    if (*out_count && *out_count != info.out_count)
        FAIL(log, NEPHOS_ERROR, "%s: the gradient rule expects %u outputs, the operator has %u", name, *out_count, info.out_count);
    choose_types(tape, op, out, tape->type, &info);
    if (!op_takes_halves(op, &info)) choose_types(tape, op, out, GPU_FP32, &info);
    if (!op_takes_halves(op, &info)) FAIL(log, NEPHOS_ERROR, "%s: can't have elements of 16 bits here", name);
    TRY(add_outputs(tape, &info, out));
    struct tape_node node = {.op = op,
                             .attr = *attr,
                             .in_count = in_count,
                             .out_count = info.out_count,
                             .accumulate = accumulate,
                             .workspace = OP_NONE,
                             .prepared = OP_NONE};
    struct op_needs needs = {.workspace = info.workspace};
    note_offers(tape, op, &info);
    if (tape->choice) node.variant = op_offered(op, &info, tape->choice - 1, &needs);
    if (needs.workspace) TRY(tape_add_tensor(tape, op_vector((uint32_t)(needs.workspace / 4)), NULL, &node.workspace));
    if (needs.prepared) TRY(tape_add_tensor(tape, op_vector((uint32_t)(needs.prepared / 4)), NULL, &node.prepared));
    memcpy(node.in, in, in_count * sizeof *in);
    memcpy(node.out, out, info.out_count * sizeof *out);
    tape->node[tape->node_count++] = node;
    *out_count = info.out_count;
fail:
    return status;
}

static struct op_tensor operand(const struct tape *tape, op_id id, struct gpu_buffer *buffer)
{
    if (id == OP_NONE) return (struct op_tensor){0};
    const struct tape_tensor *tensor = &tape->tensor[id];
    return op_tensor_at(tensor->shape, (struct gpu_range){buffer, 4 * tensor->offset, op_bytes(tensor->shape)});
}

static void record(struct tape *tape, const struct tape_node *node, struct gpu_stream *stream, struct gpu_buffer *buffer)
{
    struct op_call call = {
        .label = node->op->name,
        .attr = &node->attr,
        .in_count = node->in_count,
        .out_count = node->out_count,
        .accumulate = node->accumulate,
        .workspace = operand(tape, node->workspace, buffer).range,
        .prepared = operand(tape, node->prepared, buffer).range,
        .step = operand(tape, tape->step, buffer).range,
        .gpu = tape->gpu,
    };
    for (uint32_t i = 0; i < node->in_count; i++)
        call.in[i] = operand(tape, node->in[i], buffer);
    for (uint32_t i = 0; i < node->out_count; i++)
        call.out[i] = operand(tape, node->out[i], buffer);
    op_record(stream, node->op, node->variant, true, &call);
}

static uint64_t word_count(const struct tape_tensor *tensor)
{
    return (op_bytes(tensor->shape) + 3) / 4;
}

static void put_value(const struct tape_tensor *tensor, uint32_t *words, uint64_t i)
{
    const enum gpu_type type = tensor->shape.type;
    const uint32_t value = tensor->initial[i];
    if (type == GPU_FP32) {
        words[tensor->offset + i] = value;
        return;
    }
    const uint32_t bits = type == GPU_FP16 ? base_half_from_float(check_float(value)) : base_bf16_from_float(check_float(value));
    uint32_t *word = &words[tensor->offset + i / 2];
    *word = i % 2 ? (*word & 0xffffu) | bits << 16 : bits;
}

static uint32_t value_of(const struct tape_tensor *tensor, const uint32_t *words, uint64_t i)
{
    const enum gpu_type type = tensor->shape.type;
    if (type == GPU_FP32) return words[tensor->offset + i];
    const uint16_t bits = (uint16_t)(words[tensor->offset + i / 2] >> i % 2 * 16);
    return check_word(type == GPU_FP16 ? base_half_to_float(bits) : base_bf16_to_float(bits));
}

static void prepare(struct tape *tape)
{
    for (uint64_t i = 0; i < tape->words; i++)
        tape->before[i] = GUARD_WORD(i);
    for (uint32_t id = 0; id < tape->tensor_count; id++) {
        const struct tape_tensor *tensor = &tape->tensor[id];
        const uint32_t unwritten = tensor->shape.type == GPU_FP32 ? UNWRITTEN_WORD : UNWRITTEN_HALVES;
        for (uint64_t i = 0; !tensor->initial && i < word_count(tensor); i++)
            tape->before[tensor->offset + i] = unwritten;
        for (uint64_t i = 0; tensor->initial && i < op_count(tensor->shape); i++)
            put_value(tensor, tape->before, i);
    }
}

static void read_values(struct tape *tape)
{
    for (uint32_t id = 0; id < tape->tensor_count; id++) {
        const struct tape_tensor *tensor = &tape->tensor[id];
        for (uint64_t i = 0; i < op_count(tensor->shape); i++)
            tape->values[tensor->first + i] = value_of(tensor, tape->after, i);
    }
}

static void verify_guards(const struct tape *tape, struct check_verdict *verdict)
{
    uint64_t end = 0; // of the tensor before the guard
    for (uint32_t id = 0; id <= tape->tensor_count; id++) {
        const uint64_t begin = id < tape->tensor_count ? tape->tensor[id].offset : tape->words;
        for (uint64_t i = end; i < begin; i++) {
            if (tape->after[i] == tape->before[i]) continue;
            check_offence(verdict, "memory outside of the tensors was overwritten, %" PRIu64 " elements behind tensor %u", i - end, id - 1);
        }
        if (id < tape->tensor_count) end = begin + word_count(&tape->tensor[id]);
    }
}

static void verify_repeat(const struct tape *tape, const uint32_t *again, struct check_verdict *verdict)
{
    for (uint32_t id = 0; id < tape->tensor_count; id++) {
        const uint64_t offset = tape->tensor[id].offset;
        for (uint64_t i = 0; i < word_count(&tape->tensor[id]); i++) {
            if (tape->after[offset + i] != again[offset + i])
                check_offence(verdict, "two runs differ in word %" PRIu64 " of tensor %u: 0x%08x, then 0x%08x", i, id,
                              tape->after[offset + i], again[offset + i]);
        }
    }
}

static enum nephos_status run_once(struct tape *tape, struct gpu_stream *stream, struct gpu_range all, uint32_t *result, double *seconds)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(gpu_upload(tape->gpu, all, tape->before));
    TRY(gpu_stream_run(stream, seconds));
    TRY(gpu_download(tape->gpu, all, result));
fail:
    return status;
}

enum nephos_status tape_run(struct tape *tape, struct check_verdict *verdict)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu_buffer *buffer = NULL;
    struct gpu_stream *stream = NULL;
    double seconds = 0;
    const size_t size = (size_t)tape->words * 4;
    uint32_t *again = malloc(size);
    tape->before = malloc(size);
    tape->after = malloc(size);
    tape->values = malloc((size_t)tape->count * 4);
    if (!again || !tape->before || !tape->after || !tape->values)
        FAIL(gpu_log(tape->gpu), NEPHOS_ERROR_MEMORY, "check: no memory for a case of %zu bytes", size);
    prepare(tape);
    TRY(gpu_buffer_create(tape->gpu, GPU_MEMORY_DEVICE, size, "check", &buffer));
    TRY(gpu_stream_create(tape->gpu, "check", &stream));
    for (uint32_t i = 0; i < tape->node_count; i++)
        record(tape, &tape->node[i], stream, buffer);
    TRY(gpu_stream_finish(stream));
    TRY(run_once(tape, stream, (struct gpu_range){buffer, 0, size}, tape->after, &seconds));
    TRY(run_once(tape, stream, (struct gpu_range){buffer, 0, size}, again, &seconds));
    verdict->seconds += seconds;
    verify_guards(tape, verdict);
    verify_repeat(tape, again, verdict);
    read_values(tape);
fail:
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&buffer);
    free(again);
    return status;
}

const uint32_t *tape_result(const struct tape *tape, op_id id)
{
    return tape->values + tape->tensor[id].first;
}
