// SPDX-License-Identifier: MIT
// Rows of the benchmark are nodes of graphs: either three convolution passes for each layer of a file, or what a training step of a
// model is made of (every different convolution, and of each other operator its largest instance), then the whole step.
#include "train/bench.h"

#include "base/clock.h"
#include "net/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RUNS 200

struct bench {
    struct gpu *gpu;
    struct nephos_log *log;
    struct nephos_bench_params params; // defaults filled in
    struct bench_numbers numbers;      // of whole steps
    nephos_bench_fn report;
    void *user;
};

static int by_value(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// Runs `run` until `seconds` have passed, at least twice behind a first run that warms up; *median of the seconds it says.
static enum nephos_status measure(double seconds, enum nephos_status (*run)(void *user, double *elapsed), void *user, double *median)
{
    double times[MAX_RUNS];
    size_t count = 0;
    enum nephos_status status = run(user, &times[0]);
    const double started = base_clock();
    while (status == NEPHOS_OK && count < MAX_RUNS && (count < 2 || base_clock() - started < seconds)) status = run(user, &times[count++]);
    qsort(times, count, sizeof *times, by_value);
    *median = count ? times[count / 2] : NAN;
    return status;
}

// --- one node ---------------------------------------------------------------------------------------------------------

static enum nephos_status run_single(void *user, double *elapsed)
{
    return gpu_stream_run(user, elapsed);
}

static const char *pass_name(const struct op *op)
{
    if (strcmp(op->name, "conv2d") == 0) return "forward";
    if (strcmp(op->name, "conv2d_dx") == 0) return "data gradient";
    if (strcmp(op->name, "conv2d_dw") == 0) return "weight gradient";
    return op->name;
}

static double bytes_of(const struct op_call *call)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < call->in_count; i++) bytes += call->in[i].range.size;
    for (uint32_t i = 0; i < call->out_count; i++) bytes += call->out[i].range.size;
    return (double)bytes;
}

static enum nephos_status bench_variant(struct bench *bench, const struct net_graph *graph, const struct net_node *node,
                                        const struct op_variant *variant, struct op_needs needs)
{
    struct net_trial trial;
    struct gpu_stream *stream = NULL;
    double seconds = NAN;
    char pass[96];
    enum nephos_status status;
    snprintf(pass, sizeof pass, "%s%s%s", pass_name(node->op), variant ? " " : "", variant ? variant->name : "");
    TRY(net_trial_create(bench->gpu, graph, node, needs, &trial));
    TRY(net_trial_record(&trial, node, variant, &stream));
    TRY(measure(bench->params.seconds, run_single, stream, &seconds));
    bench->report(bench->user, &(struct nephos_bench_result){
                                   .name = node->label,
                                   .pass = pass,
                                   .seconds = seconds,
                                   .gflops = node->op->flops ? node->op->flops(&trial.call) / seconds * 1e-9 : NAN,
                                   .gbytes_per_second = bytes_of(&trial.call) / seconds * 1e-9,
                                   .images_per_second = NAN,
                               });
fail:
    gpu_stream_destroy(&stream);
    net_trial_destroy(&trial);
    return status;
}

// Whether the kernels of that name, NULL: the baseline, are among those the device was opened for.
static bool is_wanted(struct gpu *gpu, const char *name)
{
    const char *wish = gpu_kernels(gpu);
    return strcmp(wish, "auto") == 0 || strncmp(name ? name : "baseline", wish, strlen(wish)) == 0;
}

// By the baseline and by every variant that is offered and wanted here.
static enum nephos_status bench_node(struct bench *bench, const struct net_graph *graph, const struct net_node *node)
{
    struct op_needs needs = {.workspace = node->needs.workspace};
    struct op_infer info;
    enum nephos_status status = net_infer(graph, node->op, node->label, &node->attr, node->in, node->in_count, &info);
    if (status == NEPHOS_OK && is_wanted(bench->gpu, NULL)) status = bench_variant(bench, graph, node, NULL, needs);
    for (uint32_t i = 0; status == NEPHOS_OK; i++) {
        const struct op_variant *variant = op_offered(node->op, &info, i, &needs);
        if (!variant) break;
        if (is_wanted(bench->gpu, variant->name)) status = bench_variant(bench, graph, node, variant, needs);
    }
    return status;
}

// --- which nodes ------------------------------------------------------------------------------------------------------

static bool same_operands(const struct net_graph *graph, const struct net_node *a, const struct net_node *b)
{
    if (a->op != b->op || a->in_count != b->in_count || memcmp(&a->attr, &b->attr, sizeof a->attr) != 0) return false;
    for (uint32_t i = 0; i < a->in_count; i++) {
        if (!op_shape_equal(net_shape(graph, a->in[i]), net_shape(graph, b->in[i]))) return false;
    }
    return true;
}

static uint64_t work(const struct net_graph *graph, const struct net_node *node)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < node->in_count; i++) count += op_count(net_shape(graph, node->in[i]));
    for (uint32_t i = 0; i < node->out_count; i++) count += op_count(net_shape(graph, node->out[i]));
    return count;
}

static bool is_chosen(const struct net_graph *graph, uint32_t index)
{
    const struct net_node *node = &graph->nodes[index];
    const bool convolution = strncmp(node->op->name, "conv", 4) == 0;
    for (uint32_t i = 0; i < graph->node_count; i++) {
        const struct net_node *other = &graph->nodes[i];
        if (i == index || other->op != node->op) continue;
        if (i < index && same_operands(graph, node, other)) return false;
        if (!convolution && (work(graph, other) > work(graph, node) || (i < index && work(graph, other) == work(graph, node))))
            return false;
    }
    return true;
}

static enum nephos_status bench_graph(struct bench *bench, const struct net_graph *graph, bool all)
{
    enum nephos_status status = graph->status;
    for (uint32_t n = 0; n < graph->node_count && status == NEPHOS_OK; n++) {
        if (all || is_chosen(graph, n)) status = bench_node(bench, graph, &graph->nodes[n]);
    }
    return status;
}

static void add_layer(struct net_graph *graph, const struct bench_layer *layer, uint32_t batch)
{
    struct op_attr attr = {
        .kernel = {layer->kernel, layer->kernel},
        .stride = {layer->stride, layer->stride},
        .pad = {layer->padding, layer->padding},
        .dilation = {1, 1},
        .groups = 1,
        .channels = layer->cout,
        .size = {layer->height, layer->width},
    };
    const op_id x = net_input(graph, (struct op_shape){batch, layer->height, layer->width, layer->cin});
    const op_id w = net_input(graph, (struct op_shape){layer->cout, layer->kernel, layer->kernel, layer->cin});
    const op_id y = net_add(graph, "conv2d", layer->name, &attr, (op_id[]){x, w, OP_NONE}, 3, NULL);
    net_add(graph, "conv2d_dx", layer->name, &attr, (op_id[]){y, w}, 2, NULL);
    net_add(graph, "conv2d_dw", layer->name, &attr, (op_id[]){x, y}, 2, NULL);
}

// What a training step is made of.
static enum nephos_status bench_operators(struct bench *bench)
{
    struct network *network = NULL;
    const struct network_spec spec = bench_spec(&bench->params, bench->numbers, NETWORK_TRAIN);
    enum nephos_status status = network_build(bench->log, gpu_get_limits(bench->gpu), &spec, &network);
    if (status == NEPHOS_OK) status = bench_graph(bench, network->graph, false);
    network_destroy(&network);
    return status;
}

static enum nephos_status bench_layers(struct bench *bench)
{
    enum nephos_status status;
    struct bench_layer *layers = NULL;
    struct net_graph *graph = NULL;
    size_t count = 0;
    TRY(bench_read_layers(bench->log, bench->params.layers, &layers, &count));
    TRY(net_graph_create(bench->log, gpu_get_limits(bench->gpu), false, &graph));
    for (size_t i = 0; i < count; i++) add_layer(graph, &layers[i], bench->params.batch);
    TRY(bench_graph(bench, graph, true));
fail:
    net_graph_destroy(&graph);
    free(layers);
    return status;
}

// --- whole steps ------------------------------------------------------------------------------------------------------

static double graph_flops(const struct net_graph *graph)
{
    double flops = 0;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        struct op_call call = {.attr = &node->attr, .in_count = node->in_count, .out_count = node->out_count};
        for (uint32_t i = 0; i < node->in_count; i++) call.in[i].shape = net_shape(graph, node->in[i]);
        for (uint32_t i = 0; i < node->out_count; i++) call.out[i].shape = net_shape(graph, node->out[i]);
        if (node->op->flops) flops += node->op->flops(&call);
    }
    return flops;
}

static enum nephos_status run_step(void *user, double *elapsed)
{
    return bench_step_run(user, elapsed);
}

static enum nephos_status measure_step(struct bench *bench, enum network_purpose purpose)
{
    enum nephos_status status;
    struct bench_step step = {0};
    double seconds = NAN;
    TRY(bench_step_create(bench->gpu, &bench->params, bench->numbers, purpose, &step));
    TRY(measure(bench->params.seconds, run_step, &step, &seconds));
    bench->report(bench->user, &(struct nephos_bench_result){
                                   .name = bench->params.encoder,
                                   .pass = bench_step_name(purpose),
                                   .seconds = seconds,
                                   .gflops = graph_flops(step.network->graph) / seconds * 1e-9,
                                   .gbytes_per_second = NAN,
                                   .images_per_second = bench->params.batch / seconds,
                                   .memory_size = bench_step_memory(&step),
                               });
fail:
    bench_step_destroy(&step);
    return status;
}

enum nephos_status bench_run(struct gpu *gpu, const struct nephos_bench_params *params, nephos_bench_fn report, void *user)
{
    struct bench bench = {.gpu = gpu, .log = gpu_log(gpu), .params = bench_defaults(params), .report = report, .user = user};
    const struct nephos_bench_params *p = &bench.params;
    enum nephos_status status;
    TRY(bench_check(gpu, p, &bench.numbers));
    if (p->layers) return bench_layers(&bench);
    if (!p->steps) TRY(bench_operators(&bench));
    if (bench_wants(p, NETWORK_TRAIN)) TRY(measure_step(&bench, NETWORK_TRAIN));
    if (bench_wants(p, NETWORK_PREDICT)) TRY(measure_step(&bench, NETWORK_PREDICT));
fail:
    return status;
}
