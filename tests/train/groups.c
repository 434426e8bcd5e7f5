// SPDX-License-Identifier: MIT
// Parameters of different groups move at different rates, and decay or not.
#include "train/groups.h"

#include "common/device.h"

#include <criterion/criterion.h>

static const char *const names[] = {"encoder.conv.weight", "encoder.conv.bias", "decoder.conv.weight", "decoder.conv.bias"};

static struct net_graph *make_graph(struct gpu *gpu)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    for (int i = 0; i < 4; i++)
        net_param(graph, names[i], op_vector(4), i % 2 ? NET_LAYOUT_VECTOR : NET_LAYOUT_CONV, NET_INIT_ZERO);
    return graph;
}

// One step of sgd at lr 1 from 1 everywhere, with a gradient of 0.5 and a decay of 0.25: moved[i] of the i-th parameter.
static void step(const struct train_settings *settings, uint32_t chunks, float moved[4])
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = make_graph(gpu);
    struct net_store *store = NULL;
    struct net_exec *exec = NULL;
    struct net_optimizer sgd = {.op = "sgd", .attr = {.weight_decay = settings->weight_decay}};
    groups_assign(graph, &sgd, settings);
    cr_assert_eq(net_store_create(gpu, graph, &store), NEPHOS_OK);
    cr_expect_eq(store->trained_chunk_count, chunks);
    cr_assert_eq(net_store_train(store, 1), NEPHOS_OK);
    for (uint32_t i = 0; i < 4; i++) {
        cr_assert_eq(gpu_upload(gpu, net_store_values(store, i), (float[]){1, 1, 1, 1}), NEPHOS_OK);
        cr_assert_eq(gpu_upload(gpu, net_store_grads(store, i), (float[]){0.5f, 0.5f, 0.5f, 0.5f}), NEPHOS_OK);
    }
    cr_assert_eq(net_exec_create(gpu, graph, store, &sgd, "groups", &exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    *net_exec_step(exec, 0) = (struct step_values){.count = 1, .lr = 1};
    cr_assert_eq(net_exec_submit(exec, 0), NEPHOS_OK);
    cr_assert_eq(net_exec_wait(exec, 0), NEPHOS_OK);
    for (uint32_t i = 0; i < 4; i++) {
        float values[4];
        cr_assert_eq(gpu_download(gpu, net_store_values(store, i), values), NEPHOS_OK);
        moved[i] = 1 - values[0];
        cr_expect_eq(values[3], values[0]);
    }
    // The norm is that of all groups: 16 elements of 0.5.
    cr_expect_eq(net_exec_grad_norm(exec, 0)[1], 2);
    net_exec_destroy(&exec);
    net_store_destroy(&store);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
}

Test(groups, one_group_where_nothing_differs)
{
    float moved[4];
    step(&(struct train_settings){.encoder_lr = 1, .decay_norm_bias = true, .weight_decay = 0.25f}, 1, moved);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(moved[i], 0.75f);
}

Test(groups, each_has_its_rate_and_decay)
{
    float moved[4];
    step(&(struct train_settings){.encoder_lr = 0.5f, .decay_norm_bias = false, .weight_decay = 0.25f}, 4, moved);
    cr_expect_eq(moved[0], 0.375f);
    cr_expect_eq(moved[1], 0.25f);
    cr_expect_eq(moved[2], 0.75f);
    cr_expect_eq(moved[3], 0.5f);
}
