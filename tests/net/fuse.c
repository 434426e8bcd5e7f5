// SPDX-License-Identifier: MIT
// Each pattern is fused where it may be and left alone where something else needs what lies between; networks then have no plain
// operators left that a pattern names.
#include "common/device.h"
#include "model/model.h"
#include "train/network.h"

#include <criterion/criterion.h>
#include <string.h>

#define CHANNELS 8

static struct net_graph *open_graph(bool training)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), &test_limits, training, &graph), NEPHOS_OK);
    return graph;
}

static op_id image(struct net_graph *graph, uint32_t size)
{
    return net_input(graph, (struct op_shape){2, size, size, CHANNELS});
}

static op_id conv(struct net_graph *graph, op_id x, const char *name)
{
    return model_conv(graph, x, name, (struct model_conv){CHANNELS, 3, 1, NET_INIT_KAIMING_FAN_IN, false});
}

static op_id upsample(struct net_graph *graph, op_id x, uint32_t size)
{
    return net_add(graph, "upsample_nearest", "up", &(struct op_attr){.size = {size, size}}, &x, 1, NULL);
}

static op_id join(struct net_graph *graph, const char *op, op_id a, op_id b)
{
    return net_add(graph, op, op, NULL, (op_id[]){a, b}, 2, NULL);
}

static uint32_t count(const struct net_graph *graph, const char *op)
{
    uint32_t found = 0;
    for (uint32_t n = 0; n < graph->node_count; n++) found += strcmp(graph->nodes[n].op->name, op) == 0;
    return found;
}

static const struct net_node *last(const struct net_graph *graph)
{
    return &graph->nodes[graph->node_count - 1];
}

// Every operand is there before it is read.
static void expect_order(const struct net_graph *graph)
{
    for (uint32_t n = 0; n < graph->node_count; n++) {
        for (uint32_t i = 0; i < graph->nodes[n].in_count; i++) {
            const op_id id = graph->nodes[n].in[i];
            if (id == OP_NONE || (graph->tensors[id].kind != NET_ACTIVATION && graph->tensors[id].kind != NET_CONSTANT)) continue;
            cr_expect_lt(graph->tensors[id].producer, n, "node %u (%s) reads what is made later", n, graph->nodes[n].label);
        }
    }
}

static void fuse(struct net_graph *graph, uint32_t nodes)
{
    cr_assert_eq(graph->status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_fuse(graph), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_expect_eq(graph->node_count, nodes, "%u nodes, %u expected", graph->node_count, nodes);
    expect_order(graph);
}

Test(fuse, a_convolution_gathers_upsampled_channels_and_a_skip)
{
    struct net_graph *graph = open_graph(true);
    const op_id x = image(graph, 8), skip = image(graph, 16);
    net_mark_output(graph, conv(graph, join(graph, "concat", upsample(graph, x, 16), skip), "conv"));
    fuse(graph, 1);
    cr_expect(last(graph)->in[0] == x && last(graph)->in[4] == skip && last(graph)->attr.upsample == 2);
    net_graph_destroy(&graph);
}

Test(fuse, a_convolution_gathers_one_without_the_other)
{
    struct net_graph *graph = open_graph(false);
    const op_id x = image(graph, 8), y = image(graph, 16), z = image(graph, 16);
    net_mark_output(graph, conv(graph, upsample(graph, x, 16), "a"));
    net_mark_output(graph, conv(graph, join(graph, "concat", y, z), "b"));
    fuse(graph, 2);
    cr_expect(graph->nodes[0].in[0] == x && graph->nodes[0].attr.upsample == 2);
    cr_expect(graph->nodes[1].in[0] == y && graph->nodes[1].in[4] == z && graph->nodes[1].attr.upsample == 0);
    net_graph_destroy(&graph);
}

Test(fuse, other_factors_and_joins_of_three_are_not_gathered)
{
    struct net_graph *graph = open_graph(false);
    const op_id x = image(graph, 8), y = image(graph, 16);
    net_mark_output(graph, conv(graph, upsample(graph, x, 24), "a"));
    const op_id three = net_add(graph, "concat", "three", NULL, (op_id[]){y, y, y}, 3, NULL);
    net_mark_output(graph, conv(graph, three, "b"));
    fuse(graph, 4);
    net_graph_destroy(&graph);
}

// Both convolutions would have to gather the same.
Test(fuse, what_two_convolutions_read_is_joined_in_one_pass)
{
    struct net_graph *graph = open_graph(true);
    const op_id x = image(graph, 8), skip = image(graph, 16);
    const op_id both = join(graph, "concat", upsample(graph, x, 16), skip);
    net_mark_output(graph, conv(graph, both, "a"));
    net_mark_output(graph, conv(graph, both, "b"));
    fuse(graph, 3);
    cr_expect(strcmp(graph->nodes[0].op->name, "upsample_concat") == 0 && graph->nodes[0].in[0] == x && graph->nodes[0].in[1] == skip);
    net_graph_destroy(&graph);
}

Test(fuse, what_the_host_or_another_node_reads_is_still_made)
{
    struct net_graph *graph = open_graph(true);
    const op_id x = image(graph, 8), skip = image(graph, 16);
    const op_id up = upsample(graph, x, 16), both = join(graph, "concat", up, skip);
    net_mark_output(graph, both);
    const op_id norm = model_batch_norm(graph, conv(graph, both, "conv"), "bn");
    net_mark_output(graph, model_relu(graph, norm, "relu"));
    net_mark_output(graph, join(graph, "add", norm, skip));
    fuse(graph, 5); // but the concatenation enlarges its first part itself
    net_graph_destroy(&graph);
}

Test(fuse, batch_norm_takes_the_statistics_of_its_convolution)
{
    struct net_graph *graph = open_graph(true);
    const op_id y = conv(graph, image(graph, 8), "conv");
    net_mark_output(graph, y); // it is stored anyhow
    net_mark_output(graph, model_batch_norm(graph, y, "bn"));
    fuse(graph, 2);
    cr_expect(graph->nodes[0].attr.stats && graph->nodes[0].out_count == 2 && last(graph)->in[4] == graph->nodes[0].out[1]);
    cr_expect_eq(last(graph)->needs.workspace, 0u);
    net_graph_destroy(&graph);
}

// The shortcut is made after the batch norm, which has to wait for it.
Test(fuse, batch_norm_takes_residual_and_relu)
{
    struct net_graph *graph = open_graph(true);
    const op_id x = image(graph, 8);
    const op_id y = model_batch_norm(graph, conv(graph, x, "conv"), "bn");
    const op_id shortcut = model_batch_norm(graph, conv(graph, x, "down"), "down.bn");
    const op_id sum = model_relu(graph, join(graph, "add", y, shortcut), "relu");
    net_mark_output(graph, sum);
    fuse(graph, 4);
    cr_expect(last(graph)->out[0] == sum && last(graph)->in[3] == shortcut && last(graph)->attr.relu == 1);
    cr_expect(strcmp(last(graph)->label, "bn") == 0, "%s", last(graph)->label);
    net_graph_destroy(&graph);
}

Test(fuse, inference_makes_one_convolution_of_a_residual_block)
{
    struct net_graph *graph = open_graph(false);
    const op_id x = image(graph, 8);
    const op_id y = model_batch_norm(graph, conv(graph, x, "conv"), "bn");
    net_mark_output(graph, model_relu(graph, join(graph, "add", y, x), "relu"));
    fuse(graph, 2);
    cr_expect(count(graph, "fold_batch_norm") == 1 && last(graph)->in[3] == x && last(graph)->attr.relu == 1);
    cr_expect_eq(graph->tensors[last(graph)->in[1]].kind, NET_CONSTANT);
    net_graph_destroy(&graph);
}

Test(fuse, a_convolution_with_another_reader_is_not_folded)
{
    struct net_graph *graph = open_graph(false);
    const op_id y = conv(graph, image(graph, 8), "conv");
    net_mark_output(graph, model_relu(graph, model_batch_norm(graph, y, "bn"), "relu"));
    net_mark_output(graph, model_relu(graph, y, "other"));
    fuse(graph, 3);
    cr_expect_eq(count(graph, "fold_batch_norm"), 0u);
    net_graph_destroy(&graph);
}

Test(fuse, training_leaves_a_convolution_without_batch_norm_alone)
{
    struct net_graph *graph = open_graph(true);
    net_mark_output(graph, model_relu(graph, conv(graph, image(graph, 8), "conv"), "relu"));
    fuse(graph, 2);
    net_graph_destroy(&graph);
}

Test(fuse, comes_before_the_gradient)
{
    struct net_graph *graph = open_graph(true);
    const op_id y = conv(graph, image(graph, 8), "conv");
    const op_id loss = net_add(graph, "bce_with_logits", "bce", NULL, (op_id[]){y, image(graph, 8)}, 2, NULL);
    cr_assert_eq(net_gradient(graph, loss), NEPHOS_OK);
    cr_expect_eq(net_fuse(graph), NEPHOS_ERROR);
    net_graph_destroy(&graph);
}

// --- variants: ways to compute a convolution made up for the test ------------------------------------------------------

static bool plain_only(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return info->in_count <= 3 && info->attr->upsample <= 1 && !info->attr->stats;
}

static bool anything(const struct op_infer *info, struct op_needs *needs)
{
    (void)info;
    (void)needs;
    return true;
}

// Inference: a convolution with an enlarged input and something to add, and a variant.
static struct net_graph *graph_with_variant(bool (*offer)(const struct op_infer *info, struct op_needs *needs))
{
    static struct op_variant rows[2];
    static const struct op_variant *const variants[] = {rows, NULL};
    static struct op op;
    struct gpu_limits limits = test_limits;
    struct net_graph *graph = NULL;
    limits.software = limits.uniform_loads = true; // where variants for CPUs are fast
    rows[0] = (struct op_variant){.name = "software-test", .family = OP_FAMILY_SOFTWARE, .offer = offer};
    op = *op_find("conv2d");
    op.variants = variants;
    cr_assert_eq(net_graph_create(test_log(), &limits, false, &graph), NEPHOS_OK);
    const op_id x = image(graph, 8);
    const op_id y = conv(graph, upsample(graph, x, 16), "conv");
    graph->nodes[graph->node_count - 1].op = &op;
    net_mark_output(graph, join(graph, "add", y, image(graph, 16)));
    return graph;
}

Test(fuse, a_pattern_that_costs_a_node_its_variants_stays)
{
    struct net_graph *graph = graph_with_variant(plain_only);
    fuse(graph, 3);
    net_graph_destroy(&graph);
}

Test(fuse, a_pattern_that_a_variant_computes_is_fused)
{
    struct net_graph *graph = graph_with_variant(anything);
    fuse(graph, 1);
    cr_expect(last(graph)->attr.upsample == 2 && last(graph)->in[3] != OP_NONE);
    net_graph_destroy(&graph);
}

// --- networks ---------------------------------------------------------------------------------------------------------

static struct network *build(enum network_purpose purpose, const char *encoder)
{
    const struct network_spec spec = {
        .purpose = purpose,
        .model = {"unet", encoder, 8, 4, 0},
        .batch = 2,
        .height = 64,
        .width = 96,
        .loss = {.bce = 1, .dice = 1},
        .threshold = 0.5f,
        .std = {1, 1, 1},
    };
    struct network *network = NULL;
    cr_assert_eq(network_build(test_log(), &test_limits, &spec, &network), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    expect_order(network->graph);
    return network;
}

static void expect_none(const struct net_graph *graph, const char *const *ops)
{
    for (; *ops; ops++) cr_expect_eq(count(graph, *ops), 0u, "%u %s", count(graph, *ops), *ops);
}

static void check_training(const char *encoder, uint32_t norms)
{
    struct network *network = build(NETWORK_TRAIN, encoder);
    const struct net_graph *graph = network->graph;
    expect_none(graph, (const char *const[]){"relu", "relu_bwd", "concat", "slice_c", "upsample_nearest", "upsample_nearest_bwd", NULL});
    cr_expect_eq(count(graph, "batch_norm"), norms);
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        if (strcmp(node->op->name, "batch_norm") == 0) cr_expect(node->in_count == 5 && node->in[4] != OP_NONE, "%s", node->label);
    }
    network_destroy(&network);
}

static void check_inference(const char *encoder, uint32_t norms)
{
    struct network *network = build(NETWORK_PREDICT, encoder);
    expect_none(network->graph, (const char *const[]){"relu", "add", "concat", "upsample_nearest", "batch_norm_infer", NULL});
    cr_expect_eq(count(network->graph, "fold_batch_norm"), norms);
    cr_expect_eq(count(network->graph, "conv2d"), norms + 1);
    network_destroy(&network);
}

Test(fuse, training_of_a_resnet_unet_has_no_plain_operators_left) { check_training("resnet34", 46); }
Test(fuse, training_of_a_plain_unet_has_no_plain_operators_left) { check_training("none", 18); }
Test(fuse, inference_of_a_resnet_unet_is_convolutions) { check_inference("resnet34", 46); }
Test(fuse, inference_of_a_bottleneck_unet_is_convolutions) { check_inference("resnet50", 63); }
Test(fuse, inference_of_a_plain_unet_is_convolutions) { check_inference("none", 18); }
