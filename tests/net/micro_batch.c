// SPDX-License-Identifier: MIT
// A step made of parts gives the gradient of the whole batch.
#include "common/device.h"
#include "net/net.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IMAGES 8
#define SIDE 6
#define MAX_WEIGHTS 256

struct part {
    struct net_graph *graph;
    struct net_exec *exec;
    op_id image, target, loss;
    uint32_t count;
};

static const struct net_optimizer adam = {.op = "adam", .attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f}};

// Convolution, ReLU, dropout, convolution, binary cross entropy: no batch norm, so images don't see each other.
static struct part build(const struct gpu *gpu, uint32_t count)
{
    struct part part = {.count = count};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &part.graph), NEPHOS_OK);
    struct net_graph *g = part.graph;
    part.image = net_input(g, (struct op_shape){count, SIDE, SIDE, 3});
    part.target = net_input(g, (struct op_shape){count, SIDE, SIDE, 2});
    const op_id w = net_param(g, "w", (struct op_shape){4, 3, 3, 3}, NET_LAYOUT_CONV, NET_INIT_KAIMING_FAN_OUT);
    const op_id b = net_param(g, "b", op_vector(4), NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    const op_id v = net_param(g, "v", (struct op_shape){2, 1, 1, 4}, NET_LAYOUT_CONV, NET_INIT_KAIMING_FAN_OUT);
    const struct op_attr three = {.kernel = {3, 3}, .stride = {1, 1}, .pad = {1, 1}, .dilation = {1, 1}, .groups = 1, .channels = 4};
    const struct op_attr one = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .groups = 1, .channels = 2};
    op_id x = net_add(g, "conv2d", "a", &three, (op_id[]){part.image, w, b}, 3, NULL);
    x = net_add(g, "relu", "relu", NULL, &x, 1, NULL);
    x = net_add(g, "dropout", "dropout", &(struct op_attr){.p = 0.3f, .seed_id = 1}, &x, 1, NULL);
    x = net_add(g, "conv2d", "b", &one, (op_id[]){x, v}, 2, NULL);
    part.loss = net_add(g, "bce_with_logits", "bce", NULL, (op_id[]){x, part.target}, 2, NULL);
    net_mark_output(g, part.loss);
    const enum nephos_status status =
        count == IMAGES ? net_gradient(g, part.loss) : net_gradient_part(g, part.loss, (float)count / (float)IMAGES);
    cr_assert_eq(status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
    return part;
}

// Submits a part that begins at image `first` of the batch. The first of a step clears, the last updates.
static void submit(struct part *part, uint32_t slot, uint32_t first)
{
    float *x = net_exec_input(part->exec, slot, part->image), *t = net_exec_input(part->exec, slot, part->target);
    for (uint32_t i = 0; i < part->count * SIDE * SIDE * 3; i++) x[i] = sinf(0.7f * (float)(first * SIDE * SIDE * 3 + i));
    for (uint32_t i = 0; i < part->count * SIDE * SIDE * 2; i++) t[i] = (float)((first * SIDE * SIDE * 2 + i) / 5 % 2);
    *net_exec_step(part->exec, slot) = (struct step_values){
        .seed_lo = 5, .count = 1, .lr = 0.01f, .bias_correction1 = 0.1f, .bias_correction2 = 0.001f, .first_image = first};
    const uint32_t ends = (first == 0 ? NET_FIRST : 0) | (first + part->count == IMAGES ? NET_LAST : 0);
    cr_assert_eq(net_exec_submit_part(part->exec, slot, ends), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

struct result {
    float loss, norm, grads[MAX_WEIGHTS], values[MAX_WEIGHTS];
    uint32_t weights;
};

static void read_store(const struct gpu *gpu, const struct net_store *store, struct result *result)
{
    for (uint32_t i = 0; i < store->param_count; i++) {
        cr_assert_eq(gpu_download((struct gpu *)gpu, net_store_grads(store, i), result->grads + result->weights), NEPHOS_OK);
        cr_assert_eq(gpu_download((struct gpu *)gpu, net_store_values(store, i), result->values + result->weights), NEPHOS_OK);
        result->weights += (uint32_t)op_count(store->params[i].shape);
    }
}

// One step of parts of `size` images; the last one takes what is left, in the memory of the others.
static struct result run_step(uint32_t size, uint32_t repeats)
{
    struct result result = {0};
    struct gpu *gpu = test_gpu();
    struct net_store *store = NULL;
    const uint32_t rest = IMAGES % size;
    struct part part = build(gpu, size), tail = {0};
    cr_assert_eq(net_store_create(gpu, part.graph, &store), NEPHOS_OK);
    cr_assert_eq(net_store_train(store, 2), NEPHOS_OK);
    cr_assert_eq(net_store_init(store, 3), NEPHOS_OK);
    cr_assert_eq(net_exec_create(gpu, part.graph, store, &adam, "part", &part.exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    if (rest) {
        tail = build(gpu, rest);
        cr_assert_eq(net_exec_create_beside(gpu, tail.graph, store, &adam, part.exec, "tail", &tail.exec), NEPHOS_OK);
    }
    for (uint32_t k = 0; k < repeats; k++) {
        uint32_t slot = 0;
        result.loss = 0;
        for (uint32_t first = 0; first < IMAGES; slot = (slot + 1) % NET_SLOTS) {
            struct part *p = first + size <= IMAGES ? &part : &tail;
            cr_assert_eq(net_exec_wait(p->exec, slot), NEPHOS_OK);
            submit(p, slot, first);
            cr_assert_eq(net_exec_wait(p->exec, slot), NEPHOS_OK);
            result.loss += *(const float *)net_exec_output(p->exec, slot, p->loss) * (float)p->count / (float)IMAGES;
            result.norm = net_exec_grad_norm(p->exec, slot)[1];
            first += p->count;
        }
    }
    read_store(gpu, store, &result);
    net_exec_destroy(&tail.exec);
    net_graph_destroy(&tail.graph);
    net_exec_destroy(&part.exec);
    net_graph_destroy(&part.graph);
    net_store_destroy(&store);
    gpu_close(&gpu);
    return result;
}

// Sums of up to 288 products in another order: a few units in the last place of the largest.
static void expect_near(const struct result *a, const struct result *b)
{
    float largest = 0;
    cr_assert_eq(a->weights, b->weights);
    for (uint32_t i = 0; i < a->weights; i++) largest = fmaxf(largest, fabsf(a->grads[i]));
    cr_assert_gt(largest, 1e-3f);
    for (uint32_t i = 0; i < a->weights; i++)
        cr_expect_float_eq(a->grads[i], b->grads[i], 2e-6f * largest, "%u: %g, %g", i, (double)a->grads[i], (double)b->grads[i]);
    cr_expect_float_eq(a->loss, b->loss, 1e-6f);
    cr_expect_float_eq(a->norm, b->norm, 2e-6f * a->norm);
}

Test(micro_batch, equal_parts_give_the_gradient_of_the_whole)
{
    const struct result whole = run_step(IMAGES, 1), parts = run_step(2, 1);
    expect_near(&whole, &parts);
}

Test(micro_batch, a_smaller_last_part_gives_the_gradient_of_the_whole)
{
    const struct result whole = run_step(IMAGES, 1), parts = run_step(3, 1);
    expect_near(&whole, &parts);
}

Test(micro_batch, every_step_begins_with_zeros_and_ends_with_one_update)
{
    const struct result whole = run_step(IMAGES, 2), parts = run_step(3, 2);
    expect_near(&whole, &parts);
    // Adam's first steps are near lr in size whatever the gradient: a second update per step would show.
    for (uint32_t i = 0; i < whole.weights; i++) cr_expect_float_eq(whole.values[i], parts.values[i], 2e-3f);
}

Test(micro_batch, same_parts_give_the_same_bits)
{
    const struct result a = run_step(3, 1), b = run_step(3, 1);
    cr_expect_arr_eq(a.grads, b.grads, sizeof a.grads);
    cr_expect_arr_eq(a.values, b.values, sizeof a.values);
}
