// SPDX-License-Identifier: MIT
// What a variant makes of parameters: anew at every run of a graph that trains, else once until the parameters are said to have
// changed. The variant is made up: it adds a copy of a parameter.
#include "common/device.h"
#include "net/net.h"

#include <criterion/criterion.h>

#define COUNT 64

static bool offer(const struct op_infer *info, struct op_needs *needs)
{
    needs->prepared = op_bytes(info->in[1]);
    needs->workspace = 256; // so that the two must be kept apart
    return true;
}

static void prepare(struct gpu_stream *stream, const struct op_call *call)
{
    gpu_stream_copy(stream, call->prepared, call->in[1].range);
    gpu_stream_fill(stream, call->workspace, 0);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    struct op_call copy = *call;
    gpu_stream_fill(stream, call->workspace, 0xffffffff);
    copy.in[1].range = call->prepared;
    op_find("add")->record(stream, &copy);
}

static const struct op_variant copying = {.name = "copying", .offer = offer, .prepare = prepare, .record = record};

struct fixture {
    struct gpu *gpu;
    struct net_graph *graph;
    struct net_store *store;
    struct net_exec *exec;
    op_id x, y;
};

static void setup(struct fixture *f, bool training)
{
    *f = (struct fixture){.gpu = test_gpu()};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(f->gpu), training, &f->graph), NEPHOS_OK);
    f->x = net_input(f->graph, op_vector(COUNT));
    const op_id in[2] = {f->x, net_param(f->graph, "p", op_vector(COUNT), NET_LAYOUT_VECTOR, NET_INIT_ZERO)};
    f->y = net_add(f->graph, "add", "add", NULL, in, 2, NULL);
    net_mark_output(f->graph, f->y);
    struct op_infer info;
    struct net_node *node = &f->graph->nodes[0];
    cr_assert_eq(net_infer(f->graph, node->op, node->label, &node->attr, node->in, node->in_count, &info), NEPHOS_OK);
    node->variant = &copying;
    offer(&info, &node->needs);
    cr_assert_eq(net_store_create(f->gpu, f->graph, &f->store), NEPHOS_OK);
    cr_assert_eq(net_store_init(f->store, 0), NEPHOS_OK);
    cr_assert_eq(net_exec_create(f->gpu, f->graph, f->store, NULL, "prepare", &f->exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

static void teardown(struct fixture *f)
{
    net_exec_destroy(&f->exec);
    net_store_destroy(&f->store);
    net_graph_destroy(&f->graph);
    gpu_close(&f->gpu);
}

static void set_param(struct fixture *f, float value)
{
    float values[COUNT];
    for (int i = 0; i < COUNT; i++) values[i] = value;
    cr_assert_eq(gpu_upload(f->gpu, net_store_values(f->store, 0), values), NEPHOS_OK);
}

static float run(struct fixture *f)
{
    float *x = net_exec_input(f->exec, 0, f->x);
    for (int i = 0; i < COUNT; i++) x[i] = 1;
    cr_assert_eq(net_exec_submit(f->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_wait(f->exec, 0), NEPHOS_OK);
    return ((const float *)net_exec_output(f->exec, 0, f->y))[COUNT - 1];
}

Test(prepare, happens_once_until_parameters_change)
{
    struct fixture f;
    setup(&f, false);
    set_param(&f, 2);
    cr_expect_eq(run(&f), 3);
    set_param(&f, 5);
    cr_expect_eq(run(&f), 3, "kept");
    net_exec_refresh(f.exec);
    cr_expect_eq(run(&f), 6);
    teardown(&f);
}

Test(prepare, happens_at_every_run_of_a_graph_that_trains)
{
    struct fixture f;
    setup(&f, true);
    set_param(&f, 2);
    cr_expect_eq(run(&f), 3);
    set_param(&f, 5);
    cr_expect_eq(run(&f), 6);
    teardown(&f);
}
