// SPDX-License-Identifier: MIT
#include "net/trained.h"

#include "common/device.h"

#include <criterion/criterion.h>

struct network_spec trained_spec(enum network_purpose purpose, const char *encoder, uint32_t batch, uint32_t height, uint32_t width)
{
    return (struct network_spec){
        .purpose = purpose,
        .model = {"unet", encoder, 8, TRAINED_CLASSES, 0},
        .batch = batch,
        .height = height,
        .width = width,
        .loss = {.bce = 1, .dice = 1},
        .threshold = 0.5f,
        .std = {1, 1, 1},
    };
}

struct network *trained_build(const struct gpu_limits *limits, const struct network_spec *spec)
{
    struct network *network = NULL;
    cr_assert_eq(network_build(test_log(), limits, spec, &network), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    return network;
}

void trained_open(struct gpu *gpu, const struct network_spec *spec, struct trained *t)
{
    t->network = trained_build(gpu_get_limits(gpu), spec);
    cr_assert_eq(net_store_create(gpu, t->network->graph, &t->store), NEPHOS_OK);
    cr_assert_eq(net_store_init(t->store, 1), NEPHOS_OK);
    if (spec->purpose == NETWORK_TRAIN) cr_assert_eq(net_store_train(t->store, 0), NEPHOS_OK);
    cr_assert_eq(network_prepare(t->network, gpu, t->store, NULL), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

void trained_close(struct trained *t)
{
    network_destroy(&t->network);
    net_store_destroy(&t->store);
}

void trained_fill(struct trained *t, struct base_rng *rng)
{
    const struct network_spec *spec = &t->network->spec;
    uint32_t *pixels = net_exec_input(t->network->exec, 0, t->network->pixels);
    for (uint32_t i = 0; i < spec->batch * spec->height * spec->width; i++) pixels[i] = base_rng_u32(rng) & 0x0fffffff; // four classes
}

float trained_loss(const struct trained *t)
{
    return *(const float *)net_exec_output(t->network->exec, 0, t->network->loss);
}

struct gpu_range trained_result(const struct trained *t, uint32_t param)
{
    return t->store->params[param].state ? net_store_values(t->store, param) : net_store_grads(t->store, param);
}
