// SPDX-License-Identifier: MIT
// Batch norm in the loads of convolutions: where it goes there, and that the numbers stay.
#include "common/device.h"
#include "net/trained.h"
#include "op/prologue.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 2
#define HEIGHT 64
#define WIDTH 64

static uint32_t count(const struct net_graph *graph, const char *op)
{
    uint32_t found = 0;
    for (uint32_t n = 0; n < graph->node_count; n++) found += strcmp(graph->nodes[n].op->name, op) == 0;
    return found;
}

static uint32_t count_prologues(const struct net_graph *graph, const char *op)
{
    uint32_t found = 0;
    for (uint32_t n = 0; n < graph->node_count; n++)
        found += strcmp(graph->nodes[n].op->name, op) == 0 && graph->nodes[n].attr.prologue;
    return found;
}

// --- graphs -----------------------------------------------------------------------------------------------------------

#define CHANNELS 8

enum also { ALONE, READ_BY_HOST, POOLED, SKIPPED_TO };

// conv -> batch norm -> ReLU -> conv -> loss, with another reader of what lies between.
static struct net_graph *chain(const struct gpu_limits *limits, enum also also, enum net_prologues which)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), limits, true, &graph), NEPHOS_OK);
    const struct model_conv conv = {CHANNELS, 3, 1, NET_INIT_KAIMING_FAN_IN, false};
    const struct op_attr pool = {.kernel = {2, 2}, .stride = {2, 2}}, up = {.size = {16, 16}};
    op_id x = model_conv(graph, net_input(graph, (struct op_shape){2, 16, 16, CHANNELS}), "a", conv);
    x = model_relu(graph, model_batch_norm(graph, x, "norm"), "relu");
    op_id y = model_conv(graph, x, "b", conv);
    if (also == READ_BY_HOST) net_mark_output(graph, x);
    if (also == POOLED || also == SKIPPED_TO) {
        const op_id pooled = net_add(graph, "max_pool2d", "pool", &pool, also == POOLED ? &x : &y, 1, NULL);
        const op_id enlarged = net_add(graph, "upsample_nearest", "up", &up, &pooled, 1, NULL);
        y = model_conv(graph, net_add(graph, "concat", "cat", NULL, (op_id[]){enlarged, also == POOLED ? y : x}, 2, NULL), "c", conv);
    }
    const op_id target = net_input(graph, net_shape(graph, y));
    const op_id loss = net_add(graph, "bce_with_logits", "bce", NULL, (op_id[]){y, target}, 2, NULL);
    net_mark_output(graph, loss);
    cr_assert_eq(net_fuse(graph), NEPHOS_OK);
    cr_assert_eq(net_gradient(graph, loss), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_prologue(graph, which), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    return graph;
}

// A device with kernels for it; another without.
static struct gpu_limits gpu_with_tiles(void)
{
    struct gpu_limits limits = test_limits;
    limits.variants = true;
    limits.max_storage_buffers = 8;
    return limits;
}

static void expect_moved(const struct gpu_limits *limits, enum also also, enum net_prologues which, bool moved)
{
    struct net_graph *graph = chain(limits, also, which);
    cr_expect_eq(count(graph, "batch_norm_stats"), (uint32_t)moved);
    cr_expect_eq(count(graph, "batch_norm"), (uint32_t)!moved);
    cr_expect_eq(count_prologues(graph, "conv2d"), (uint32_t)moved);
    cr_expect_eq(count_prologues(graph, "conv2d_dw"), (uint32_t)moved);
    net_graph_destroy(&graph);
}

Test(prologue, batch_norm_goes_into_the_convolution_and_its_weight_gradient)
{
    const struct gpu_limits limits = gpu_with_tiles();
    struct net_graph *graph = chain(&limits, ALONE, NET_PROLOGUES_FAST);
    const struct net_node *first = &graph->nodes[0], *norm = &graph->nodes[1], *second = &graph->nodes[2];
    cr_expect(strcmp(norm->op->name, "batch_norm_stats") == 0 && norm->in[3] == first->out[1] && norm->out_count == 1);
    cr_expect(second->in[0] == first->out[0] && second->in[5] == norm->out[0]);
    cr_expect_eq(second->attr.prologue, (uint32_t)OP_PROLOGUE_NORM_RELU);
    cr_expect(second->variant && second->needs.workspace < op_bytes(net_shape(graph, second->in[0])), "plans reckon with the baseline");
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        if (strcmp(node->op->name, "conv2d_dw") != 0 || !node->attr.prologue) continue;
        cr_expect(node->in[0] == first->out[0] && node->in[3] == norm->out[0]);
    }
    net_graph_destroy(&graph);
    expect_moved(&limits, ALONE, NET_PROLOGUES_FAST, true);
}

Test(prologue, what_something_else_reads_is_stored)
{
    const struct gpu_limits limits = gpu_with_tiles();
    expect_moved(&limits, READ_BY_HOST, NET_PROLOGUES_EVERYWHERE, false);
    expect_moved(&limits, POOLED, NET_PROLOGUES_EVERYWHERE, false);
    expect_moved(&limits, SKIPPED_TO, NET_PROLOGUES_EVERYWHERE, false);
}

Test(prologue, without_kernels_for_it_all_stays)
{
    expect_moved(&test_limits, ALONE, NET_PROLOGUES_FAST, false);
    expect_moved(&test_limits, ALONE, NET_PROLOGUES_EVERYWHERE, true);
    const struct gpu_limits limits = gpu_with_tiles();
    expect_moved(&limits, ALONE, NET_PROLOGUES_NONE, false);
}

// --- networks ---------------------------------------------------------------------------------------------------------

static uint64_t plan_bytes(const char *encoder, enum net_prologues which, uint32_t *moved)
{
    const struct gpu_limits limits = gpu_with_tiles();
    struct network_spec spec = trained_spec(NETWORK_TRAIN, encoder, BATCH, 64, 96);
    spec.prologues = which;
    struct network *network = trained_build(&limits, &spec);
    struct net_plan *plan = NULL;
    cr_assert_eq(net_plan_create(network->graph, &plan), NEPHOS_OK);
    const uint64_t size = plan->least_size;
    *moved = count(network->graph, "batch_norm_stats");
    cr_expect_eq(count_prologues(network->graph, "conv2d"), *moved);
    cr_expect_eq(count_prologues(network->graph, "conv2d_dw"), *moved);
    net_plan_destroy(&plan);
    network_destroy(&network);
    return size;
}

// Not into those that add a residual, or that a pooling, an addition, or a transposed convolution reads, or the decoder skips to; nor,
// for GPUs, where x is enlarged.
Test(prologue, goes_into_every_convolution_that_alone_reads_a_batch_norm)
{
    static const struct {
        const char *encoder;
        uint32_t moved;
    } nets[] = {{"resnet34", 16 + 6}, {"resnet50", 2 * 16 + 6}, {"none", 10}};
    for (size_t i = 0; i < ARRAY_COUNT(nets); i++) {
        uint32_t moved, none;
        const uint64_t after = plan_bytes(nets[i].encoder, NET_PROLOGUES_FAST, &moved);
        const uint64_t before = plan_bytes(nets[i].encoder, NET_PROLOGUES_NONE, &none);
        cr_expect_eq(moved, nets[i].moved, "%s: %u", nets[i].encoder, moved);
        cr_expect_eq(none, 0u);
        cr_expect_lt(after, before, "%s", nets[i].encoder);
    }
}

// --- numbers ----------------------------------------------------------------------------------------------------------

static void run(struct trained *t)
{
    struct net_exec *exec = t->network->exec;
    struct base_rng rng;
    base_rng_init(&rng, 7, BASE_RNG_TEST, 0);
    const bool parts = t->network->graph->adds;
    for (int i = 0; i < 1 + parts; i++) {
        trained_fill(t, &rng);
        const enum nephos_status status = parts ? net_exec_submit_part(exec, 0, i == 0 ? NET_FIRST : NET_LAST) : net_exec_submit(exec, 0);
        cr_assert_eq(status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
        cr_assert_eq(net_exec_wait(exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    }
}

// Root mean square of the deviation, relative to that of the values; 0 only for the same bits.
static double deviation(struct gpu *gpu, struct gpu_range a, struct gpu_range b)
{
    float *left = malloc(a.size), *right = malloc(b.size);
    double square = 0, off = 0;
    cr_assert(left && right && a.size == b.size);
    cr_assert_eq(gpu_download(gpu, a, left), NEPHOS_OK);
    cr_assert_eq(gpu_download(gpu, b, right), NEPHOS_OK);
    const bool same = memcmp(left, right, a.size) == 0;
    for (uint64_t i = 0; i < a.size / 4; i++) {
        square += (double)left[i] * (double)left[i];
        off += ((double)left[i] - (double)right[i]) * ((double)left[i] - (double)right[i]);
    }
    free(left);
    free(right);
    return same ? 0 : fmax(square > 0 ? sqrt(off / square) : off, 1e-30);
}

// `limit`: 0 where both compute the same sums in the same order.
static void compare(const char *kernels, const char *encoder, bool recompute, bool parts, double limit)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = kernels});
    struct trained net[2];
    for (int i = 0; i < 2; i++) {
        struct network_spec spec = trained_spec(NETWORK_TRAIN, encoder, BATCH, HEIGHT, WIDTH);
        spec.prologues = i ? NET_PROLOGUES_EVERYWHERE : NET_PROLOGUES_NONE;
        spec.recompute = recompute;
        spec.precision = strcmp(kernels, "matrix") == 0 ? TRAIN_FP16 : TRAIN_FP32;
        if (parts) spec.step_images = 2 * BATCH;
        trained_open(gpu, &spec, &net[i]);
        run(&net[i]);
    }
    cr_expect_gt(count_prologues(net[1].network->graph, "conv2d_dw"), 5u);
    const double stored = (double)trained_loss(&net[0]), moved = (double)trained_loss(&net[1]);
    cr_expect_leq(fabs(stored - moved), limit * stored, "loss %.9g, with prologues %.9g", stored, moved);
    for (uint32_t i = 0; i < net[0].store->param_count; i++) {
        const double off = deviation(gpu, trained_result(&net[0], i), trained_result(&net[1], i));
        cr_expect_leq(off, limit, "%s deviates by %g", net[0].store->params[i].name, off);
    }
    for (int i = 0; i < 2; i++) trained_close(&net[i]);
    gpu_close(&gpu);
}

Test(prologue, gives_the_same_bits_by_the_baseline) { compare("baseline", "resnet18", false, false, 0); }
Test(prologue, gives_the_same_bits_with_recompute_in_parts) { compare("baseline", "resnet50", true, true, 0); }

Test(prologue, gives_the_same_bits_by_tiles)
{
    struct gpu *gpu = test_gpu();
    const bool swiftshader = strstr(gpu_info(gpu)->name, "SwiftShader");
    gpu_close(&gpu);
    if (test_validation() || swiftshader) cr_skip("compiling takes long, and one driver is enough");
    compare("tile", "resnet18", false, false, 0);
}

Test(prologue, gives_the_same_bits_by_matrices) { compare("matrix", "resnet18", false, false, 0); }

// Winograd's sums against direct ones, and the baseline's where no kernel for CPUs has a prologue: limits as in fuse_numbers.c.
Test(prologue, agrees_by_software_kernels) { compare("software", "resnet18", false, false, 1e-4); }
