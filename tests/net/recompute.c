// SPDX-License-Identifier: MIT
// Tensors made again instead of kept: less memory, and not one bit of loss, gradients or running statistics is another.
#include "common/device.h"
#include "net/trained.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HEIGHT 64
#define WIDTH 96
#define BATCH 2

static struct network_spec spec_of(const char *encoder, bool unfused, bool recompute)
{
    struct network_spec spec = trained_spec(NETWORK_TRAIN, encoder, BATCH, HEIGHT, WIDTH);
    spec.model.dropout = 0.2f;
    spec.unfused = unfused;
    spec.recompute = recompute;
    return spec;
}

static uint32_t count_again(const struct net_graph *graph)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < graph->node_count; n++) count += graph->nodes[n].again;
    return count;
}

// --- plans ------------------------------------------------------------------------------------------------------------

static uint64_t peak(const char *encoder, bool unfused, bool recompute)
{
    const struct network_spec spec = spec_of(encoder, unfused, recompute);
    struct network *network = trained_build(&test_limits, &spec);
    struct net_plan *plan = NULL;
    cr_assert_eq(net_plan_create(network->graph, &plan), NEPHOS_OK);
    const uint64_t size = plan->least_size;
    cr_expect_eq(count_again(network->graph) > 0, recompute);
    net_plan_destroy(&plan);
    network_destroy(&network);
    return size;
}

// resnet50 is the hardest: skips are made again early, and with them all of their stage.
Test(recompute, lowers_the_peak_by_a_seventh)
{
    static const char *const encoders[] = {"resnet18", "resnet34", "resnet50", "none"};
    for (size_t i = 0; i < ARRAY_COUNT(encoders); i++) {
        for (int unfused = 0; unfused < 2; unfused++) {
            const uint64_t kept = peak(encoders[i], unfused, false), again = peak(encoders[i], unfused, true);
            cr_expect_lt(again, kept - kept / 7, "%s, %s: %llu bytes, with recompute %llu", encoders[i], unfused ? "plain" : "fused",
                         (unsigned long long)kept, (unsigned long long)again);
        }
    }
}

// Every operand of a node is made before it, and what is made again is read.
Test(recompute, nodes_stay_in_order)
{
    for (int unfused = 0; unfused < 2; unfused++) {
        const struct network_spec spec = spec_of("resnet34", unfused, true);
        struct network *network = trained_build(&test_limits, &spec);
        const struct net_graph *graph = network->graph;
        bool *made = calloc(graph->tensor_count, sizeof *made), *read = calloc(graph->tensor_count, sizeof *read);
        for (uint32_t n = 0; n < graph->node_count; n++) {
            const struct net_node *node = &graph->nodes[n];
            for (uint32_t i = 0; i < node->in_count; i++) {
                if (node->in[i] == OP_NONE) continue;
                const enum net_kind kind = graph->tensors[node->in[i]].kind;
                cr_expect(made[node->in[i]] || kind == NET_PARAM || kind == NET_INPUT, "node %u (%s) reads what is not made yet", n,
                          node->op->name);
                read[node->in[i]] = true;
            }
            for (uint32_t i = 0; i < node->out_count; i++) {
                cr_expect(made[node->out[i]] || graph->tensors[node->out[i]].producer == n);
                made[node->out[i]] = true;
            }
            cr_expect(!node->again || n >= graph->forward_count);
        }
        for (uint32_t n = 0; n < graph->node_count; n++)
            cr_expect(!graph->nodes[n].again || read[graph->nodes[n].out[0]], "node %u is of no use", n);
        free(made);
        free(read);
        network_destroy(&network);
    }
}

Test(recompute, a_graph_without_a_backward_pass_stays)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), &test_limits, true, &graph), NEPHOS_OK);
    cr_expect_eq(net_recompute(graph), NEPHOS_OK);
    const op_id x = net_input(graph, op_vector(8));
    net_mark_output(graph, net_add(graph, "relu", "relu", NULL, &x, 1, NULL));
    cr_expect_eq(net_recompute(graph), NEPHOS_OK);
    cr_expect_eq(graph->node_count, 1u);
    net_graph_destroy(&graph);
}

// --- numbers ----------------------------------------------------------------------------------------------------------

// Two runs, so that running statistics which were moved too often show; of parts, both add to the gradient.
static void run(struct trained *t)
{
    struct net_exec *exec = t->network->exec;
    struct base_rng rng;
    base_rng_init(&rng, 7, BASE_RNG_TEST, 0);
    for (int i = 0; i < 2; i++) {
        trained_fill(t, &rng);
        const bool parts = t->network->graph->adds;
        const enum nephos_status status = parts ? net_exec_submit_part(exec, 0, i == 0 ? NET_FIRST : NET_LAST) : net_exec_submit(exec, 0);
        cr_assert_eq(status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
        cr_assert_eq(net_exec_wait(exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    }
}

static void expect_same(struct gpu *gpu, const char *name, struct gpu_range a, struct gpu_range b)
{
    float *left = malloc(a.size), *right = malloc(b.size);
    cr_assert(left && right && a.size == b.size);
    cr_assert_eq(gpu_download(gpu, a, left), NEPHOS_OK);
    cr_assert_eq(gpu_download(gpu, b, right), NEPHOS_OK);
    cr_expect_eq(memcmp(left, right, a.size), 0, "%s differs", name);
    free(left);
    free(right);
}

static void check_bits(const char *kernels, const char *encoder, bool unfused, bool parts)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = kernels});
    struct trained net[2];
    for (int i = 0; i < 2; i++) {
        struct network_spec spec = spec_of(encoder, unfused, i == 1);
        spec.precision = strcmp(kernels, "matrix") == 0 ? TRAIN_FP16 : TRAIN_FP32;
        if (parts) spec.step_images = 2 * BATCH;
        trained_open(gpu, &spec, &net[i]);
        run(&net[i]);
    }
    cr_expect_gt(count_again(net[1].network->graph), 5u);
    const float kept = trained_loss(&net[0]), again = trained_loss(&net[1]);
    cr_expect_eq(kept, again, "loss %.9g, with recompute %.9g", (double)kept, (double)again);
    for (uint32_t i = 0; i < net[0].store->param_count; i++)
        expect_same(gpu, net[0].store->params[i].name, trained_result(&net[0], i), trained_result(&net[1], i));
    for (int i = 0; i < 2; i++) trained_close(&net[i]);
    gpu_close(&gpu);
}

Test(recompute, gives_the_same_bits_for_a_resnet_unet) { check_bits("baseline", "resnet34", false, false); }
Test(recompute, gives_the_same_bits_for_a_bottleneck_unet) { check_bits("baseline", "resnet50", false, false); }
Test(recompute, gives_the_same_bits_for_plain_operators) { check_bits("baseline", "resnet18", true, false); }
Test(recompute, gives_the_same_bits_for_a_plain_unet) { check_bits("baseline", "none", false, false); }
Test(recompute, gives_the_same_bits_in_parts) { check_bits("baseline", "resnet18", false, true); }
Test(recompute, gives_the_same_bits_by_software_kernels) { check_bits("software", "resnet34", false, false); }
Test(recompute, gives_the_same_bits_by_software_kernels_of_plain_operators_in_parts) { check_bits("software", "resnet18", true, true); }

Test(recompute, gives_the_same_bits_by_tiles)
{
    struct gpu *gpu = test_gpu();
    const bool swiftshader = strstr(gpu_info(gpu)->name, "SwiftShader");
    gpu_close(&gpu);
    if (test_validation() || swiftshader) cr_skip("compiling takes long, and one driver is enough");
    check_bits("tile", "resnet18", false, false);
}

Test(recompute, gives_the_same_bits_by_matrices_in_parts) { check_bits("matrix", "resnet18", false, true); }
