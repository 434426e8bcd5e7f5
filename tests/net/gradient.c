// SPDX-License-Identifier: MIT
// Sums of gradients where tensors have several readers, against differences of the loss itself; and the smallest training runs.
#include "common/device.h"
#include "model/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS 4

struct small {
    struct gpu *gpu;
    struct net_graph *graph;
    struct net_store *store;
    struct net_exec *exec;
    op_id loss;
};

// A graph of parameter p (1x1x1x4): `build` gives a tensor made from it, the loss is the binary cross entropy against 0.3.
static void open_small(struct small *s, op_id (*build)(struct net_graph *graph, op_id p))
{
    *s = (struct small){.gpu = test_gpu()};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(s->gpu), true, &s->graph), NEPHOS_OK);
    const op_id p = net_param(s->graph, "p", (struct op_shape){1, 1, 1, CHANNELS}, NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    const op_id y = build(s->graph, p);
    const op_id target = net_input(s->graph, net_shape(s->graph, y));
    s->loss = net_add(s->graph, "bce_with_logits", "bce", NULL, (op_id[]){y, target}, 2, NULL);
    net_mark_output(s->graph, s->loss);
    cr_assert_eq(net_gradient(s->graph, s->loss), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_store_create(s->gpu, s->graph, &s->store), NEPHOS_OK);
    cr_assert_eq(net_store_train(s->store, 0), NEPHOS_OK);
    cr_assert_eq(net_exec_create(s->gpu, s->graph, s->store, NULL, "small", &s->exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    float *targets = net_exec_input(s->exec, 0, target);
    for (uint64_t i = 0; i < op_count(net_shape(s->graph, target)); i++) targets[i] = 0.3f + 0.1f * (float)(i % 3);
}

static void close_small(struct small *s)
{
    net_exec_destroy(&s->exec);
    net_store_destroy(&s->store);
    net_graph_destroy(&s->graph);
    gpu_close(&s->gpu);
}

static double loss_at(struct small *s, const float *p)
{
    cr_assert_eq(gpu_upload(s->gpu, net_store_values(s->store, 0), p), NEPHOS_OK);
    cr_assert_eq(net_exec_submit(s->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_wait(s->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    return (double)*(const float *)net_exec_output(s->exec, 0, s->loss);
}

static void expect_gradient(op_id (*build)(struct net_graph *graph, op_id p))
{
    const float start[CHANNELS] = {0.7f, -1.1f, 0.4f, 1.9f};
    float gradient[CHANNELS];
    struct small s;
    open_small(&s, build);
    loss_at(&s, start);
    cr_assert_eq(gpu_download(s.gpu, net_store_grads(s.store, 0), gradient), NEPHOS_OK);
    for (int i = 0; i < CHANNELS; i++) {
        // float32 losses near 1 are off by 1e-7, so a difference over 0.04 by 3e-6; its curvature adds less than 1e-3 of it
        float p[CHANNELS];
        const float step = 0.02f;
        memcpy(p, start, sizeof p);
        p[i] = start[i] + step;
        const double above = loss_at(&s, p);
        p[i] = start[i] - step;
        const double slope = (above - loss_at(&s, p)) / (2 * (double)step);
        cr_expect_float_eq(gradient[i], slope, 1e-4 + 2e-3 * fabs(slope), "element %d: gradient %g, difference %g", i, (double)gradient[i],
                           slope);
    }
    close_small(&s);
}

static op_id add(struct net_graph *graph, op_id a, op_id b)
{
    return net_add(graph, "add", "add", NULL, (op_id[]){a, b}, 2, NULL);
}

static op_id sigmoid(struct net_graph *graph, op_id x)
{
    return net_add(graph, "sigmoid", "sigmoid", NULL, &x, 1, NULL);
}

static op_id doubled(struct net_graph *graph, op_id p)
{
    const op_id x = sigmoid(graph, p);
    return add(graph, x, x);
}

static op_id residual(struct net_graph *graph, op_id p)
{
    const op_id x = sigmoid(graph, p);
    return sigmoid(graph, add(graph, sigmoid(graph, sigmoid(graph, x)), x));
}

// The gradient of `early` is at first the one of the sum, shared with `late`, whose producer still has to read it when `early`
// gets its next contribution: adding in place would change it.
static op_id shared_with_an_earlier_producer(struct net_graph *graph, op_id p)
{
    const op_id x = sigmoid(graph, p), early = sigmoid(graph, x), late = sigmoid(graph, add(graph, x, x));
    const op_id other = sigmoid(graph, late);
    const op_id sum = add(graph, early, late);
    return net_add(graph, "concat", "concat", NULL, (op_id[]){sum, other, sigmoid(graph, early)}, 3, NULL);
}

static op_id three_readers(struct net_graph *graph, op_id p)
{
    const op_id x = sigmoid(graph, p);
    const op_id both = net_add(graph, "concat", "concat", NULL, (op_id[]){x, sigmoid(graph, x)}, 2, NULL);
    return net_add(graph, "concat", "concat", NULL, (op_id[]){both, add(graph, x, sigmoid(graph, x)), x}, 3, NULL);
}

Test(gradient, operand_used_twice_by_one_node) { expect_gradient(doubled); }
Test(gradient, residual_shortcut) { expect_gradient(residual); }
Test(gradient, alias_shared_with_a_tensor_still_to_be_read) { expect_gradient(shared_with_an_earlier_producer); }
Test(gradient, tensor_with_three_readers) { expect_gradient(three_readers); }

Test(gradient, residual_blocks_need_no_copies)
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    const struct model_config config = {"unet", "resnet34", 8, 4, 0};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    const op_id image = net_input(graph, (struct op_shape){1, 32, 32, 3}), target = net_input(graph, (struct op_shape){1, 32, 32, 4});
    const op_id logits = model_build(graph, &config, image, NULL);
    cr_assert_eq(net_gradient(graph, net_add(graph, "bce_with_logits", "bce", NULL, (op_id[]){logits, target}, 2, NULL)), NEPHOS_OK);
    uint32_t additions = 0;
    for (uint32_t n = graph->forward_count; n < graph->node_count; n++) additions += strcmp(graph->nodes[n].op->name, "add") == 0;
    cr_expect_eq(additions, 0u, "%u additions in the backward pass", additions);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
}

Test(gradient, loss_that_is_no_scalar_is_refused)
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    cr_expect_eq(net_gradient(graph, net_input(graph, (struct op_shape){1, 2, 2, 1})), NEPHOS_ERROR_ARGUMENT);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
}

// --- a network learns one batch by heart, with the same bits each time -------------------------------------------------

static float *overfit(uint32_t steps, double *first, double *last, uint64_t *count)
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    struct net_store *store = NULL;
    struct net_exec *exec = NULL;
    const struct model_config config = {"unet", "none", 4, 2, 0};
    const struct net_optimizer adam = {.op = "adam", .attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f}};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    const op_id image = net_input(graph, (struct op_shape){2, 16, 16, 3}), target = net_input(graph, (struct op_shape){2, 16, 16, 2});
    const op_id logits = model_build(graph, &config, image, NULL);
    const op_id loss = net_add(graph, "bce_with_logits", "bce", NULL, (op_id[]){logits, target}, 2, NULL);
    net_mark_output(graph, loss);
    cr_assert_eq(net_gradient(graph, loss), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_store_create(gpu, graph, &store), NEPHOS_OK);
    cr_assert_eq(net_store_train(store, 2), NEPHOS_OK);
    cr_assert_eq(net_store_init(store, 7), NEPHOS_OK);
    cr_assert_eq(net_exec_create(gpu, graph, store, &adam, "overfit", &exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    for (uint32_t slot = 0; slot < NET_SLOTS; slot++) {
        float *x = net_exec_input(exec, slot, image), *t = net_exec_input(exec, slot, target);
        for (int i = 0; i < 2 * 16 * 16 * 3; i++) x[i] = sinf(0.7f * (float)i) + cosf(0.013f * (float)i);
        for (int i = 0; i < 2 * 16 * 16 * 2; i++) t[i] = (float)(i / 40 % 2);
    }
    for (uint32_t step = 0; step < steps; step++) {
        const uint32_t slot = step % NET_SLOTS;
        cr_assert_eq(net_exec_wait(exec, slot), NEPHOS_OK);
        *net_exec_step(exec, slot) = (struct step_values){.count = step + 1,
                                                          .lr = 0.01f,
                                                          .bias_correction1 = (float)(1 - pow(0.9, step + 1)),
                                                          .bias_correction2 = (float)(1 - pow(0.999, step + 1))};
        cr_assert_eq(net_exec_submit(exec, slot), NEPHOS_OK);
        if (step == 0 || step + 1 == steps) {
            cr_assert_eq(net_exec_wait(exec, slot), NEPHOS_OK);
            *(step == 0 ? first : last) = (double)*(const float *)net_exec_output(exec, slot, loss);
        }
    }
    *count = op_count(store->params[0].shape);
    float *weights = malloc(*count * sizeof *weights);
    cr_assert_eq(gpu_download(gpu, net_store_values(store, 0), weights), NEPHOS_OK);
    net_exec_destroy(&exec);
    net_store_destroy(&store);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
    return weights;
}

Test(gradient, plain_unet_learns_one_batch_by_heart)
{
    double first, last;
    uint64_t count;
    free(overfit(120, &first, &last, &count));
    cr_expect_gt(first, 0.5);
    cr_expect_lt(last, 0.05, "loss %g after 120 steps, %g at first", last, first);
}

Test(gradient, two_runs_give_the_same_bits)
{
    double first, last[2];
    uint64_t count;
    float *a = overfit(6, &first, &last[0], &count), *b = overfit(6, &first, &last[1], &count);
    cr_expect_eq(memcmp(a, b, count * sizeof *a), 0);
    cr_expect_eq(last[0], last[1]);
    free(a);
    free(b);
}
