// SPDX-License-Identifier: MIT
#include "net/trial.h"

#include "base/half.h"
#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

#define PATTERN 65536u // floats; larger operands repeat them
#define SHIFT 1021u    // operand i begins there times i: no two are alike
#define PATTERN_COUNT (PATTERN + SHIFT * (OP_MAX_INPUTS + OP_MAX_OUTPUTS))

static enum nephos_status add_buffer(struct net_trial *trial, uint64_t size, struct gpu_range *range)
{
    struct gpu_buffer **buffer = &trial->buffers[trial->buffer_count++];
    const enum nephos_status status = gpu_buffer_create(trial->gpu, GPU_MEMORY_DEVICE, size, trial->call.label, buffer);
    if (status == NEPHOS_OK) *range = (struct gpu_range){*buffer, 0, size};
    return status;
}

static enum nephos_status fill(struct gpu *gpu, struct gpu_range range, const void *pattern, uint64_t pattern_size)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint64_t at = 0; at < range.size && status == NEPHOS_OK; at += pattern_size) {
        const uint64_t left = range.size - at;
        status = gpu_upload(gpu, op_slice(range, at, left < pattern_size ? left : pattern_size), pattern);
    }
    return status;
}

static enum nephos_status fill_values(struct gpu *gpu, struct gpu_range range, const float *pattern)
{
    if (range.type == GPU_FP32) return fill(gpu, range, pattern, sizeof(float) * PATTERN);
    uint16_t *rounded = malloc(PATTERN * sizeof *rounded);
    if (!rounded) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "trying kernels: out of memory");
    for (uint32_t i = 0; i < PATTERN; i++)
        rounded[i] = range.type == GPU_FP16 ? base_half_from_float(pattern[i]) : base_bf16_from_float(pattern[i]);
    const enum nephos_status status = fill(gpu, range, rounded, PATTERN * sizeof *rounded);
    free(rounded);
    return status;
}

// Two values a channel: mostly a mean and a variance, which must not be negative.
static bool is_pair(struct op_shape s)
{
    return s.n == 1 && s.h == 1 && s.w == 2;
}

// An optimizer changes its inputs, of which second moments and what belongs to the step must not be negative.
static bool is_in_place(const struct op_call *call)
{
    return call->out_count == 0;
}

static enum nephos_status add_operand(struct net_trial *trial, struct op_shape shape, const float *pattern, struct op_tensor *operand)
{
    const uint32_t index = trial->buffer_count;
    const enum nephos_status status = add_buffer(trial, op_bytes(shape), &operand->range);
    *operand = op_tensor_at(shape, operand->range);
    if (is_pair(shape) || is_in_place(&trial->call)) pattern += PATTERN_COUNT;
    return status == NEPHOS_OK ? fill_values(trial->gpu, operand->range, pattern + SHIFT * index) : status;
}

// The values, then their magnitudes.
static float *make_pattern(void)
{
    const uint32_t count = PATTERN_COUNT;
    float *pattern = malloc(2 * count * sizeof *pattern);
    struct base_rng rng;
    base_rng_init(&rng, 1, BASE_RNG_TEST, 0);
    for (uint32_t i = 0; pattern && i < count; i++) {
        pattern[i] = 2 * base_rng_float(&rng) - 1;
        pattern[count + i] = pattern[i] < 0 ? -pattern[i] : pattern[i];
    }
    return pattern;
}

enum nephos_status net_trial_create(struct gpu *gpu, const struct net_graph *graph, const struct net_node *node, struct op_needs needs,
                                    struct net_trial *trial)
{
    enum nephos_status status = NEPHOS_OK;
    float *pattern = make_pattern();
    struct op_call *call = &trial->call;
    *trial = (struct net_trial){.gpu = gpu};
    *call = (struct op_call){.label = node->label,
                             .attr = &node->attr,
                             .in_count = node->in_count,
                             .out_count = node->out_count,
                             .accumulate = node->accumulate,
                             .gpu = gpu};
    if (!pattern) FAIL(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "%s: out of memory", node->label);
    for (uint32_t i = 0; i < node->in_count; i++) {
        if (node->in[i] != OP_NONE) TRY(add_operand(trial, net_shape(graph, node->in[i]), pattern, &call->in[i]));
    }
    for (uint32_t i = 0; i < node->out_count; i++) TRY(add_operand(trial, net_shape(graph, node->out[i]), pattern, &call->out[i]));
    if (needs.workspace) TRY(add_buffer(trial, needs.workspace, &call->workspace));
    if (needs.prepared) TRY(add_buffer(trial, needs.prepared, &call->prepared));
    TRY(add_buffer(trial, sizeof(struct step_values), &call->step));
    TRY(fill_values(gpu, call->step, pattern + (is_in_place(call) ? PATTERN_COUNT : 0)));
fail:
    free(pattern);
    if (status != NEPHOS_OK) net_trial_destroy(trial);
    return status;
}

void net_trial_destroy(struct net_trial *trial)
{
    for (uint32_t i = 0; i < trial->buffer_count; i++) gpu_buffer_destroy(&trial->buffers[i]);
    trial->buffer_count = 0;
}

enum nephos_status net_trial_record(const struct net_trial *trial, const struct net_node *node, const struct op_variant *variant,
                                    struct gpu_stream **stream)
{
    enum nephos_status status = gpu_stream_create(trial->gpu, node->label, stream);
    if (status != NEPHOS_OK) return status;
    op_record(*stream, node->op, variant, true, &trial->call);
    status = gpu_stream_finish(*stream);
    if (status != NEPHOS_OK) gpu_stream_destroy(stream);
    return status;
}

static const struct op_tensor *results(const struct op_call *call, uint32_t *count)
{
    *count = is_in_place(call) ? call->in_count : call->out_count;
    return is_in_place(call) ? call->in : call->out;
}

uint64_t net_trial_result_count(const struct net_trial *trial)
{
    uint32_t count;
    uint64_t values = 0;
    const struct op_tensor *tensors = results(&trial->call, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (tensors[i].range.size) values += op_count(tensors[i].shape);
    }
    return values;
}

// Numbers of 16 bits at the start of `values` become floats, from the last to the first.
static void widen(float *values, uint64_t count, enum gpu_type type)
{
    const unsigned char *bytes = (const unsigned char *)values;
    for (uint64_t i = count; type != GPU_FP32 && i-- > 0;) {
        uint16_t bits;
        memcpy(&bits, bytes + 2 * i, sizeof bits);
        values[i] = type == GPU_FP16 ? base_half_to_float(bits) : base_bf16_to_float(bits);
    }
}

enum nephos_status net_trial_result(const struct net_trial *trial, struct gpu_stream *stream, float *values)
{
    enum nephos_status status = NEPHOS_OK;
    uint32_t count;
    const struct op_tensor *tensors = results(&trial->call, &count);
    for (uint32_t i = 0; i < trial->call.out_count; i++) TRY(gpu_fill(trial->gpu, trial->call.out[i].range, 0));
    TRY(gpu_stream_run(stream, NULL));
    for (uint32_t i = 0; i < count; i++) {
        if (!tensors[i].range.size) continue;
        TRY(gpu_download(trial->gpu, tensors[i].range, values));
        widen(values, op_count(tensors[i].shape), tensors[i].range.type);
        values += op_count(tensors[i].shape);
    }
fail:
    return status;
}
