// SPDX-License-Identifier: MIT
// The moving average of the parameters against one computed here from the parameters after every step.
#include "common/device.h"
#include "net/net.h"

#include <criterion/criterion.h>
#include <math.h>

enum { COUNT = 70, STEPS = 20 };

struct fixture {
    struct gpu *gpu;
    struct net_graph *graph;
    struct net_store *store;
};

// Two groups: two chunks. Gradients stay what they are here.
static void setup(struct fixture *f)
{
    *f = (struct fixture){.gpu = test_gpu()};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(f->gpu), true, &f->graph), NEPHOS_OK);
    net_param(f->graph, "a", op_vector(COUNT), NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    net_param(f->graph, "b", op_vector(COUNT), NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    f->graph->params[1].group = 1;
    cr_assert_eq(net_store_create(f->gpu, f->graph, &f->store), NEPHOS_OK);
    cr_assert_eq(net_store_train(f->store, 1), NEPHOS_OK);
    for (uint32_t p = 0; p < 2; p++) {
        float values[COUNT], grads[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float)cos(i + 5.0 * p);
            grads[i] = (float)sin(3 * i + 1.0 * p);
        }
        cr_assert_eq(gpu_upload(f->gpu, net_store_values(f->store, p), values), NEPHOS_OK);
        cr_assert_eq(gpu_upload(f->gpu, net_store_grads(f->store, p), grads), NEPHOS_OK);
    }
}

static void teardown(struct fixture *f)
{
    net_store_destroy(&f->store);
    net_graph_destroy(&f->graph);
    gpu_close(&f->gpu);
}

static void step(struct net_exec *exec, uint32_t count)
{
    *net_exec_step(exec, 0) = (struct step_values){.count = count, .lr = 0.1f};
    cr_assert_eq(net_exec_submit(exec, 0), NEPHOS_OK);
    cr_assert_eq(net_exec_wait(exec, 0), NEPHOS_OK);
}

static void get(const struct fixture *f, const struct net_store *store, float values[2][COUNT])
{
    for (uint32_t p = 0; p < 2; p++)
        cr_assert_eq(gpu_download(f->gpu, net_store_values(store, p), values[p]), NEPHOS_OK);
}

Test(average, follows_the_parameters)
{
    struct fixture f;
    struct net_exec *exec = NULL;
    const struct net_optimizer sgd = {
        .op = "sgd", .attr = {.momentum = 0.9f}, .average_decay = 0.5f, .groups = {[1] = {.lr_factor = 0.5f}}};
    float values[2][COUNT], average[2][COUNT];
    double want[2][COUNT];
    setup(&f);
    cr_assert_eq(net_store_average(f.store), NEPHOS_OK);
    cr_assert_eq(net_exec_create(f.gpu, f.graph, f.store, &sgd, "average", &exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    get(&f, f.store->average, average);
    for (int i = 0; i < 2 * COUNT; i++)
        want[i / COUNT][i % COUNT] = (double)average[i / COUNT][i % COUNT];
    for (uint32_t t = 1; t <= STEPS; t++) {
        step(exec, t);
        get(&f, f.store, values);
        get(&f, f.store->average, average);
        const double decay = fmin(0.5, (1.0 + t) / (10.0 + t)); // from step 8 on 0.5
        for (int i = 0; i < 2 * COUNT; i++) {
            double *w = &want[i / COUNT][i % COUNT];
            *w = decay * *w + (1 - decay) * (double)values[i / COUNT][i % COUNT];
            cr_expect_float_eq((double)average[i / COUNT][i % COUNT], *w, 1e-6 * (1 + fabs(*w)), "step %u, element %d", t, i);
        }
    }
    net_exec_destroy(&exec);
    teardown(&f);
}

Test(average, needs_room_in_the_store)
{
    struct fixture f;
    struct net_exec *exec = NULL;
    setup(&f);
    const struct net_optimizer sgd = {.op = "sgd", .average_decay = 0.5f};
    cr_expect_eq(net_exec_create(f.gpu, f.graph, f.store, &sgd, "average", &exec), NEPHOS_ERROR_ARGUMENT);
    cr_expect_null(exec);
    teardown(&f);
}
