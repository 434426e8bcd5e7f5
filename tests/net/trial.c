// SPDX-License-Identifier: MIT
// Nodes by themselves: their operands are such that results can be compared.
#include "net/trial.h"

#include "common/device.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static void expect_finite(struct gpu *gpu, const struct net_graph *graph)
{
    const struct net_node *node = &graph->nodes[0];
    struct net_trial trial;
    struct gpu_stream *stream = NULL;
    cr_assert_eq(net_trial_create(gpu, graph, node, node->needs, &trial), NEPHOS_OK);
    cr_assert_eq(net_trial_record(&trial, node, NULL, &stream), NEPHOS_OK);
    float *values = malloc(sizeof(float) * net_trial_result_count(&trial));
    cr_assert_eq(net_trial_result(&trial, stream, values), NEPHOS_OK);
    for (uint64_t i = 0; i < net_trial_result_count(&trial); i++) cr_assert(isfinite(values[i]), "value %u", (unsigned)i);
    free(values);
    gpu_stream_destroy(&stream);
    net_trial_destroy(&trial);
}

// Variances must not be negative.
static void check(const char *op, uint32_t in_count)
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    const struct op_shape x = {2, 5, 7, 33}, pair = {1, 1, 2, 33};
    const op_id in[5] = {net_input(graph, x), net_input(graph, pair), net_input(graph, pair), net_input(graph, x), net_input(graph, pair)};
    net_add(graph, op, op, &(struct op_attr){.eps = 1e-5f, .momentum = 0.1f}, in, in_count, NULL);
    cr_assert_eq(graph->status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
    expect_finite(gpu, graph);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
}

Test(trial, gives_batch_norm_moments_that_can_be) { check("batch_norm", 5); }
Test(trial, gives_batch_norm_running_statistics_that_can_be) { check("batch_norm_infer", 4); }
