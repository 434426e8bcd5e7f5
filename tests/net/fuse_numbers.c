// SPDX-License-Identifier: MIT
// A network of fused operators computes what one of plain operators does, within rounding: loss, gradients, running statistics in
// training, probabilities in inference, also after the parameters have changed.
#include "common/device.h"
#include "net/trained.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEIGHT 64
#define WIDTH 64
#define BATCH 2

static void open_network(struct gpu *gpu, enum network_purpose purpose, const char *encoder, bool unfused, struct trained *t)
{
    struct network_spec spec = trained_spec(purpose, encoder, BATCH, HEIGHT, WIDTH);
    struct base_rng rng;
    spec.unfused = unfused;
    trained_open(gpu, &spec, t);
    base_rng_init(&rng, 7, BASE_RNG_TEST, 0);
    trained_fill(t, &rng);
}

static void run(struct trained *t)
{
    cr_assert_eq(net_exec_submit(t->network->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_wait(t->network->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

// Root mean square of the deviation, relative to that of the values.
static double deviation(const float *a, const float *b, uint64_t count)
{
    double square = 0, off = 0;
    for (uint64_t i = 0; i < count; i++) {
        square += (double)a[i] * (double)a[i];
        off += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    }
    return square > 0 ? sqrt(off / square) : off;
}

static void expect_ranges(struct gpu *gpu, const char *name, struct gpu_range a, struct gpu_range b, double limit)
{
    float *left = malloc(a.size), *right = malloc(b.size);
    cr_assert(left && right && a.size == b.size);
    cr_assert_eq(gpu_download(gpu, a, left), NEPHOS_OK);
    cr_assert_eq(gpu_download(gpu, b, right), NEPHOS_OK);
    const double off = deviation(left, right, a.size / 4);
    cr_expect_leq(off, limit, "%s: deviates by %g", name, off);
    free(left);
    free(right);
}

// Limits: tests/golden gives the same between two implementations in single precision.
static void check_training(const char *encoder)
{
    struct gpu *gpu = test_gpu();
    struct trained fused, plain;
    open_network(gpu, NETWORK_TRAIN, encoder, false, &fused);
    open_network(gpu, NETWORK_TRAIN, encoder, true, &plain);
    cr_expect_lt(fused.network->graph->node_count, plain.network->graph->node_count);
    run(&fused);
    run(&plain);
    const float a = trained_loss(&fused), b = trained_loss(&plain);
    cr_expect_float_eq(a, b, 2e-6 * fabs((double)b), "loss %.9g, with plain operators %.9g", (double)a, (double)b);
    for (uint32_t i = 0; i < plain.store->param_count; i++) {
        const char *name = plain.store->params[i].name;
        const double limit = plain.store->params[i].state ? 2e-5 : 1e-4;
        expect_ranges(gpu, name, trained_result(&plain, i), trained_result(&fused, net_store_find(fused.store, name)), limit);
    }
    trained_close(&fused);
    trained_close(&plain);
    gpu_close(&gpu);
}

// Moves all parameters a little: running variances stay positive.
static void move(struct gpu *gpu, struct net_store *store)
{
    for (uint32_t i = 0; i < store->param_count; i++) {
        const struct gpu_range range = net_store_values(store, i);
        float *values = malloc(range.size);
        cr_assert_eq(gpu_download(gpu, range, values), NEPHOS_OK);
        for (uint64_t k = 0; k < range.size / 4; k++) values[k] = values[k] * (1 + 0.1f * (float)(k % 5)) + 0.02f * (float)(k % 3);
        cr_assert_eq(gpu_upload(gpu, range, values), NEPHOS_OK);
        free(values);
    }
}

static void check_inference(const char *encoder)
{
    struct gpu *gpu = test_gpu();
    struct trained net[2];
    for (int i = 0; i < 2; i++) open_network(gpu, NETWORK_PREDICT, encoder, i == 1, &net[i]);
    cr_expect_lt(net[0].network->graph->node_count, net[1].network->graph->node_count);
    float before = 0;
    for (int round = 0; round < 2; round++) {
        const float *probs[2];
        for (int i = 0; i < 2; i++) {
            run(&net[i]);
            probs[i] = net_exec_output(net[i].network->exec, 0, net[i].network->probs);
        }
        const double off = deviation(probs[1], probs[0], (uint64_t)BATCH * HEIGHT * WIDTH * TRAINED_CLASSES);
        cr_expect_leq(off, 2e-5, "round %d: deviates by %g", round, off);
        if (round) cr_expect_neq(probs[0][0], before, "parameters have changed, the result has not");
        before = probs[0][0];
        for (int i = 0; i < 2; i++) {
            move(gpu, net[i].store);
            net_exec_refresh(net[i].network->exec);
        }
    }
    for (int i = 0; i < 2; i++) trained_close(&net[i]);
    gpu_close(&gpu);
}

Test(fuse_numbers, training_of_a_resnet_unet_agrees_with_plain_operators) { check_training("resnet18"); }
Test(fuse_numbers, training_of_a_bottleneck_unet_agrees_with_plain_operators) { check_training("resnet50"); }
Test(fuse_numbers, training_of_a_plain_unet_agrees_with_plain_operators) { check_training("none"); }
Test(fuse_numbers, inference_of_a_resnet_unet_agrees_with_plain_operators) { check_inference("resnet18"); }
Test(fuse_numbers, inference_of_a_plain_unet_agrees_with_plain_operators) { check_inference("none"); }
