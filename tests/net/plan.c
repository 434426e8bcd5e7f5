// SPDX-License-Identifier: MIT
// Places: what lives at the same time never shares bytes, and little is wasted.
#include "common/device.h"
#include "model/model.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct net_graph *training_graph(const char *encoder, uint32_t batch, const struct gpu_limits *of)
{
    struct net_graph *graph = NULL;
    const struct model_config config = {"unet", encoder, 8, 4, 0};
    cr_assert_eq(net_graph_create(test_log(), of, true, &graph), NEPHOS_OK);
    const op_id image = net_input(graph, (struct op_shape){batch, 64, 96, 3}),
                target = net_input(graph, (struct op_shape){batch, 64, 96, 4});
    const op_id logits = model_build(graph, &config, image, NULL);
    const op_id loss = net_add(graph, "bce_with_logits", "bce", NULL, (op_id[]){logits, target}, 2, NULL);
    net_mark_output(graph, loss);
    cr_assert_eq(net_gradient(graph, loss), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    return graph;
}

struct life {
    uint32_t first, last;
};

// First write (inputs: before all nodes) and last touch of a tensor, found without the planner.
static struct life life_of(const struct net_graph *graph, op_id id)
{
    struct life life = {UINT32_MAX, 0};
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        bool touched = false;
        for (uint32_t i = 0; i < node->in_count; i++) touched |= node->in[i] == id;
        for (uint32_t i = 0; i < node->out_count; i++) touched |= node->out[i] == id;
        if (!touched) continue;
        if (life.first == UINT32_MAX) life.first = n;
        life.last = n;
    }
    if (graph->tensors[id].kind == NET_INPUT) life.first = 0;
    if (graph->tensors[id].output) life.last = graph->node_count - 1;
    return life;
}

static bool overlap(struct net_place a, struct net_place b)
{
    return a.block == b.block && a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

// Two tensors may share bytes only where one ends as the input that an in-place operator turns into the other.
static bool handed_over(const struct net_graph *graph, op_id a, op_id b, uint32_t n)
{
    const struct net_node *node = &graph->nodes[n];
    return node->op->flags & OP_IN_PLACE && node->in_count && node->in[0] == a && node->out[0] == b;
}

static void expect_apart(const struct net_graph *graph, const struct net_plan *plan)
{
    struct life *lives = calloc(graph->tensor_count, sizeof *lives);
    for (op_id t = 0; t < graph->tensor_count; t++) lives[t] = life_of(graph, t);
    for (op_id a = 0; a < graph->tensor_count; a++) {
        if (plan->tensors[a].block == UINT32_MAX) continue;
        cr_assert_leq(plan->tensors[a].offset + plan->tensors[a].size, plan->block_sizes[plan->tensors[a].block]);
        cr_assert_eq(plan->tensors[a].offset % 256, 0u);
        for (op_id b = 0; b < graph->tensor_count; b++) {
            if (a == b || plan->tensors[b].block == UINT32_MAX || !overlap(plan->tensors[a], plan->tensors[b])) continue;
            if (lives[a].last < lives[b].first || lives[b].last < lives[a].first) continue;
            cr_assert(handed_over(graph, a, b, lives[a].last) || handed_over(graph, b, a, lives[b].last),
                      "tensors %u (nodes %u to %u) and %u (%u to %u) share bytes", a, lives[a].first, lives[a].last, b, lives[b].first,
                      lives[b].last);
        }
        for (uint32_t n = lives[a].first; n <= lives[a].last; n++)
            cr_assert(plan->workspaces[n].block == UINT32_MAX || !overlap(plan->tensors[a], plan->workspaces[n]),
                      "tensor %u lies in the workspace of node %u", a, n);
    }
    free(lives);
}

static void check_encoder(const char *encoder)
{
    struct net_graph *graph = training_graph(encoder, 2, &test_limits);
    struct net_plan *plan = NULL;
    cr_assert_eq(net_plan_create(graph, &plan), NEPHOS_OK);
    expect_apart(graph, plan);
    cr_expect_leq(plan->arena_size, plan->least_size + plan->least_size / 8, "%s: arena %llu, least %llu", encoder,
                  (unsigned long long)plan->arena_size, (unsigned long long)plan->least_size);
    net_plan_destroy(&plan);
    net_graph_destroy(&graph);
}

Test(plan, live_tensors_of_a_resnet_unet_do_not_overlap) { check_encoder("resnet34"); }
Test(plan, live_tensors_of_a_plain_unet_do_not_overlap) { check_encoder("none"); }
Test(plan, live_tensors_of_a_bottleneck_unet_do_not_overlap) { check_encoder("resnet50"); }

Test(plan, small_buffers_give_several_blocks)
{
    struct gpu_limits small = test_limits;
    small.max_buffer_size = 1000000;
    struct net_graph *graph = training_graph("resnet18", 2, &small);
    struct net_plan *plan = NULL;
    cr_assert_eq(net_plan_create(graph, &plan), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_expect_gt(plan->block_count, 1u);
    for (uint32_t b = 0; b < plan->block_count; b++) cr_expect_leq(plan->block_sizes[b], small.max_buffer_size);
    expect_apart(graph, plan);
    net_plan_destroy(&plan);
    net_graph_destroy(&graph);
}

Test(plan, tensor_above_the_binding_limit_is_refused_by_name)
{
    struct gpu_limits small = test_limits;
    small.max_binding_size = 190000;
    struct net_graph *graph = NULL;
    struct net_plan *plan = NULL;
    cr_assert_eq(net_graph_create(test_log(), &small, false, &graph), NEPHOS_OK);
    const op_id x = net_input(graph, (struct op_shape){2, 64, 96, 4});
    net_add(graph, "relu", "decoder.blocks.4", NULL, &x, 1, NULL);
    cr_expect_eq(net_plan_create(graph, &plan), NEPHOS_ERROR_MEMORY);
    cr_expect_null(plan);
    cr_expect_not_null(strstr(nephos_last_error(test_log()), "decoder.blocks.4 (relu): a tensor of 2x64x96x4 (NHWC) needs 0.2 MiB"), "%s",
                       nephos_last_error(test_log()));
    net_graph_destroy(&graph);
}

Test(plan, same_graph_gives_the_same_plan)
{
    struct net_graph *graph = training_graph("resnet18", 2, &test_limits);
    struct net_plan *first = NULL, *second = NULL;
    cr_assert_eq(net_plan_create(graph, &first), NEPHOS_OK);
    cr_assert_eq(net_plan_create(graph, &second), NEPHOS_OK);
    cr_expect_arr_eq(first->tensors, second->tensors, graph->tensor_count * sizeof *first->tensors);
    net_plan_destroy(&first);
    net_plan_destroy(&second);
    net_graph_destroy(&graph);
}
