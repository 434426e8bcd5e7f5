// SPDX-License-Identifier: MIT
// Chooses how each node is computed. A variant is admitted on a device only after it agreed with the baseline there, and chosen only
// where it was faster; what was found is noted with the device, so that it is found out once. Large nodes are tried by
// themselves, small ones share the verdict of the first of their kind.
#include "net/tune.h"

#include "base/clock.h"
#include "net/trial.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGE 2e7          // FLOP of a node that is tried by itself
#define RUNS 3             // of each way; the fastest counts
#define PROGRESS_SECONDS 2 // between messages
#define SLACK 1e-5         // deviation between two exact ways, relative to the largest magnitude

struct tuner {
    struct gpu *gpu;
    struct net_graph *graph;
    uint32_t tried;
    double started, told;
};

// --- keys -------------------------------------------------------------------------------------------------------------

static uint64_t hash_attr(struct op_attr attr)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    attr.seed_id = 0; // nodes that differ in their random stream alone are the same work
    for (size_t i = 0; i < sizeof attr; i++) hash = (hash ^ ((const unsigned char *)&attr)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static struct op_call shapes_of(const struct net_graph *graph, const struct net_node *node)
{
    struct op_call call = {.attr = &node->attr, .in_count = node->in_count, .out_count = node->out_count};
    for (uint32_t i = 0; i < node->in_count; i++) call.in[i].shape = net_shape(graph, node->in[i]);
    for (uint32_t i = 0; i < node->out_count; i++) call.out[i].shape = net_shape(graph, node->out[i]);
    return call;
}

static bool is_large(const struct net_graph *graph, const struct net_node *node)
{
    const struct op_call call = shapes_of(graph, node);
    return node->op->flops && node->op->flops(&call) >= LARGE;
}

// Size class: 4 to the power of it, roughly.
static unsigned magnitude(uint64_t count)
{
    unsigned class = 0;
    while (count >>= 2) class++;
    return class;
}

static void append(char *key, size_t size, const char *separator, struct op_shape s, bool exact)
{
    const size_t used = strlen(key);
    if (exact) snprintf(key + used, size - used, "%s%ux%ux%ux%u", separator, s.n, s.h, s.w, s.c);
    else snprintf(key + used, size - used, "%s%u,%u", separator, magnitude(op_count(s)), s.c < 64 ? s.c : 64);
    if (s.type != GPU_FP32) snprintf(key + strlen(key), size - strlen(key), s.type == GPU_FP16 ? "h" : "b");
}

void net_tune_key(const struct net_graph *graph, const struct net_node *node, char *key, size_t size)
{
    const bool exact = is_large(graph, node);
    const struct gpu_matrix_list *matrices = graph->limits.matrices.of; // which variants are offered
    snprintf(key, size, "%s %016" PRIx64 "%s%s%s", node->op->name, hash_attr(node->attr), matrices[GPU_FP16].count ? " halves" : "",
             matrices[GPU_BF16].count ? " bf16" : "", node->accumulate ? " +" : "");
    for (uint32_t i = 0; i < node->in_count; i++) append(key, size, " ", net_shape(graph, node->in[i]), exact);
    for (uint32_t i = 0; i < node->out_count; i++) append(key, size, " > ", net_shape(graph, node->out[i]), exact);
}

// --- trying -----------------------------------------------------------------------------------------------------------

// A graph of one node like `node`, for a batch of `batch` images.
static enum nephos_status copy_node(const struct tuner *tuner, const struct net_node *node, uint32_t batch, struct net_graph **copy)
{
    op_id in[OP_MAX_INPUTS];
    enum nephos_status status =
        net_graph_create(gpu_log(tuner->gpu), gpu_get_limits(tuner->gpu), tuner->graph->training, copy);
    if (status != NEPHOS_OK) return status;
    const uint32_t images = node->in[0] == OP_NONE ? 0 : net_shape(tuner->graph, node->in[0]).n;
    for (uint32_t i = 0; i < node->in_count; i++) {
        in[i] = OP_NONE;
        if (node->in[i] == OP_NONE) continue;
        struct net_tensor tensor = tuner->graph->tensors[node->in[i]];
        const bool weights = tensor.kind == NET_PARAM || tensor.kind == NET_CONSTANT;
        if (!weights && tensor.shape.n == images) tensor.shape.n = batch;
        in[i] = net_input(*copy, tensor.shape);
    }
    net_add(*copy, node->op->name, node->label, &node->attr, in, node->in_count, NULL);
    if ((*copy)->status == NEPHOS_OK) {
        struct net_node *made = &(*copy)->nodes[0];
        made->op = node->op;
        made->accumulate = node->accumulate;
        for (uint32_t i = 0; i < made->out_count; i++)
            (*copy)->tensors[made->out[i]].shape.type = net_shape(tuner->graph, node->out[i]).type;
    }
    return (*copy)->status;
}

static enum nephos_status fastest(struct gpu_stream *stream, double *seconds)
{
    enum nephos_status status = gpu_stream_run(stream, seconds); // warms up
    *seconds = INFINITY;
    for (int i = 0; i < RUNS && status == NEPHOS_OK; i++) {
        double now;
        status = gpu_stream_run(stream, &now);
        if (status == NEPHOS_OK && now < *seconds) *seconds = now;
    }
    return status;
}

// Seconds of a way to compute the only node of `graph`; its results too unless `values` is NULL (then *values is malloc'ed).
static enum nephos_status try_way(struct gpu *gpu, const struct net_graph *graph, const struct op_variant *variant, struct op_needs needs,
                                  double *seconds, float **values, uint64_t *count)
{
    enum nephos_status status;
    struct net_trial trial;
    struct gpu_stream *stream = NULL;
    const struct net_node *node = &graph->nodes[0];
    TRY(net_trial_create(gpu, graph, node, needs, &trial));
    TRY(net_trial_record(&trial, node, variant, &stream));
    if (values) {
        *count = net_trial_result_count(&trial);
        *values = malloc(4 * *count + 1);
        if (!*values) FAIL(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "%s: out of memory", node->label);
        TRY(net_trial_result(&trial, stream, *values));
    }
    TRY(fastest(stream, seconds));
fail:
    gpu_stream_destroy(&stream);
    net_trial_destroy(&trial);
    return status;
}

// Small unsigned numbers, read as floats, are subnormal.
static bool is_count(float value)
{
    return fpclassify(value) == FP_SUBNORMAL;
}

// The largest deviation relative to the largest magnitude; counts must be the same.
static double deviation(const float *got, const float *want, uint64_t count, bool counts)
{
    double error = 0, most = 0;
    for (uint64_t i = 0; i < count; i++) {
        const double a = (double)got[i], b = (double)want[i];
        if (counts && (is_count(got[i]) || is_count(want[i])) && memcmp(&got[i], &want[i], sizeof *got) != 0) return INFINITY;
        if (isnan(a) && isnan(b)) continue;
        if (!isfinite(a) || !isfinite(b)) return a == b ? error : INFINITY;
        if (fabs(a - b) > error) error = fabs(a - b);
        if (fabs(b) > most) most = fabs(b);
    }
    return most > 0 ? error / most : error;
}

struct candidate {
    const struct op_variant *variant; // NULL: the baseline
    double seconds;                   // of the whole batch
};

// The baseline may be slow by orders of magnitude: it computes a part of the batch only, which is enough to compare with, and its time
// is taken as that of the batch divided by the parts.
struct reference {
    struct net_graph *part; // the node for one image, or for all where variants want more than one image has
    float *values;
    uint64_t count, images;
};

// Whether all that the whole batch is offered is offered to this part of it, too.
static bool offers_as_much(const struct net_graph *part, const struct op_infer *whole)
{
    struct op_infer info;
    struct op_needs needs;
    if (net_infer_node(part, &part->nodes[0], &info) != NEPHOS_OK) return false;
    for (uint32_t i = 0;; i++) {
        const struct op_variant *variant = op_offered(part->nodes[0].op, whole, i, &needs);
        if (!variant) return true;
        if (op_may_win(whole->limits, variant) && !variant->offer(&info, &needs)) return false;
    }
}

static enum nephos_status try_baseline(struct tuner *tuner, const struct net_node *node, const struct op_infer *info,
                                       struct reference *reference, double *seconds)
{
    enum nephos_status status;
    uint32_t images = node->in[0] == OP_NONE ? 1 : net_shape(tuner->graph, node->in[0]).n, batch = 1;
    TRY(copy_node(tuner, node, batch, &reference->part));
    if (!is_large(tuner->graph, node) && !offers_as_much(reference->part, info)) {
        net_graph_destroy(&reference->part);
        batch = images;
        TRY(copy_node(tuner, node, batch, &reference->part));
    }
    TRY(try_way(tuner->gpu, reference->part, NULL, reference->part->nodes[0].needs, seconds, &reference->values, &reference->count));
    *seconds *= (double)images / batch;
    reference->images = images;
fail:
    return status;
}

// How far a variant is from the baseline; NAN where it can't be compared, being made for larger batches only.
static enum nephos_status compare(struct tuner *tuner, const struct op_variant *variant, const struct reference *reference, double *error)
{
    enum nephos_status status;
    float *values = NULL;
    uint64_t count = 0;
    double ignored;
    struct op_infer info;
    struct op_needs needs = {0};
    *error = NAN;
    TRY(net_infer_node(reference->part, &reference->part->nodes[0], &info));
    if (!variant->offer(&info, &needs)) return NEPHOS_OK;
    TRY(try_way(tuner->gpu, reference->part, variant, needs, &ignored, &values, &count));
    *error = deviation(values, reference->values, count, reference->part->nodes[0].op->flags & OP_COUNTS);
fail:
    free(values);
    return status;
}

// Results that are almost the same may be rounded to neighbours of 11 or 8 bits.
static double rounding(const struct net_graph *graph, const struct net_node *node)
{
    double most = 0;
    for (uint32_t i = 0; i < node->out_count; i++) {
        const enum gpu_type type = net_shape(graph, node->out[i]).type;
        if (type != GPU_FP32) most = fmax(most, type == GPU_FP16 ? 0x1p-10 : 0x1p-7);
    }
    return most;
}

static enum nephos_status try_variant(struct tuner *tuner, const struct net_node *node, const struct op_variant *variant,
                                      struct op_needs needs, const struct reference *reference, struct candidate *best)
{
    enum nephos_status status;
    struct net_graph *whole = NULL;
    double error, seconds;
    TRY(compare(tuner, variant, reference, &error));
    if (isnan(error)) return NEPHOS_OK; // not admitted
    const double allowed = SLACK + (variant->error > 0 ? variant->error : SLACK) + rounding(tuner->graph, node);
    if (!(error <= allowed)) {
        base_warn(gpu_log(tuner->gpu), "%s: %s is not used on this device: it deviates from the baseline by %.2g (%.2g is allowed)",
                  node->label, variant->name, error, allowed);
        return NEPHOS_OK;
    }
    TRY(copy_node(tuner, node, (uint32_t)reference->images, &whole));
    TRY(try_way(tuner->gpu, whole, variant, needs, &seconds, NULL, NULL));
    if (seconds < best->seconds) *best = (struct candidate){variant, seconds};
fail:
    net_graph_destroy(&whole);
    return status;
}

// Tries all ways; missing memory or a kernel that does not compile speaks against a variant, a lost device ends everything.
static enum nephos_status try_all(struct tuner *tuner, const struct net_node *node, const struct op_infer *info, struct candidate *best,
                                  double *baseline)
{
    struct reference reference = {0};
    enum nephos_status status = try_baseline(tuner, node, info, &reference, baseline);
    *best = (struct candidate){NULL, *baseline};
    for (uint32_t i = 0; status == NEPHOS_OK; i++) {
        struct op_needs needs;
        const struct op_variant *variant = op_offered(node->op, info, i, &needs);
        if (!variant) break;
        if (op_may_win(info->limits, variant)) status = try_variant(tuner, node, variant, needs, &reference, best);
        if (status != NEPHOS_ERROR_DEVICE_LOST) status = NEPHOS_OK;
    }
    free(reference.values);
    net_graph_destroy(&reference.part);
    return status == NEPHOS_ERROR_DEVICE_LOST ? status : NEPHOS_OK;
}

// --- choosing ---------------------------------------------------------------------------------------------------------

// First call tells why it takes a while.
static void tell_progress(struct tuner *tuner)
{
    const double now = base_clock();
    if (tuner->tried++ == 0) {
        base_info(gpu_log(tuner->gpu), "trying kernels on %s; what is found is kept for the next time", gpu_info(tuner->gpu)->name);
        tuner->started = tuner->told = now;
    }
    if (now - tuner->told < PROGRESS_SECONDS) return;
    base_info(gpu_log(tuner->gpu), "kernels of %u operators tried, %.0f s", tuner->tried, now - tuner->started);
    tuner->told = now;
}

static enum nephos_status find_out(struct tuner *tuner, const struct net_node *node, const struct op_infer *info, const char *key)
{
    struct candidate best;
    double baseline = NAN;
    tell_progress(tuner);
    const enum nephos_status status = try_all(tuner, node, info, &best, &baseline);
    if (status != NEPHOS_OK) return status;
    char value[128];
    snprintf(value, sizeof value, "%s %.3f ms, baseline %.3f ms", best.variant ? best.variant->name : "baseline", 1e3 * best.seconds,
             1e3 * baseline);
    gpu_note_set(tuner->gpu, key, value);
    return NEPHOS_OK;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

// The offer whose name is the first word of `note`; or, with `prefix`, the first whose name begins so.
static const struct op_variant *offer_named(const struct op *op, const struct op_infer *info, const char *name, bool prefix,
                                            struct op_needs *needs)
{
    const size_t length = strcspn(name, " ");
    for (uint32_t i = 0;; i++) {
        const struct op_variant *variant = op_offered(op, info, i, needs);
        if (!variant) return NULL;
        if (prefix ? begins_with(variant->name, name) : strlen(variant->name) == length && strncmp(variant->name, name, length) == 0)
            return variant;
    }
}

// Is there anything to try?
static bool is_promising(const struct op *op, const struct op_infer *info, const char *wish)
{
    struct op_needs needs;
    for (uint32_t i = 0;; i++) {
        const struct op_variant *variant = op_offered(op, info, i, &needs);
        if (!variant) return false;
        if (strcmp(wish, "auto") != 0 || op_may_win(info->limits, variant)) return true;
    }
}

static enum nephos_status choose(struct tuner *tuner, struct net_node *node)
{
    enum nephos_status status;
    struct op_infer info;
    struct op_needs needs;
    char key[512];
    const char *wish = gpu_kernels(tuner->gpu);
    TRY(net_infer_node(tuner->graph, node, &info));
    node->variant = NULL; // net_prologue may have chosen for the time being
    node->needs = (struct op_needs){.workspace = info.workspace};
    if (!is_promising(node->op, &info, wish)) return NEPHOS_OK;
    if (strcmp(wish, "auto") == 0) {
        net_tune_key(tuner->graph, node, key, sizeof key);
        if (!gpu_note_get(tuner->gpu, key)) TRY(find_out(tuner, node, &info, key));
        const char *note = gpu_note_get(tuner->gpu, key);
        if (note) node->variant = offer_named(node->op, &info, note, false, &needs);
    } else {
        node->variant = offer_named(node->op, &info, wish, true, &needs);
    }
    if (node->variant) node->needs = needs;
fail:
    return status;
}

enum nephos_status net_tune(struct gpu *gpu, struct net_graph *graph)
{
    struct tuner tuner = {.gpu = gpu, .graph = graph};
    enum nephos_status status = graph->status;
    for (uint32_t n = 0; n < graph->node_count && status == NEPHOS_OK; n++) status = choose(&tuner, &graph->nodes[n]);
    if (tuner.tried) {
        gpu_notes_save(gpu);
        base_info(gpu_log(gpu), "kernels of %u operators tried in %.1f s", tuner.tried, base_clock() - tuner.started);
    }
    return status;
}
