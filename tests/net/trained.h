// SPDX-License-Identifier: MIT
// A small U-Net with its store, ready to run: to compare two ways of computing it.
#ifndef TESTS_NET_TRAINED_H
#define TESTS_NET_TRAINED_H

#include "base/rng.h"
#include "train/network.h"

#define TRAINED_CLASSES 4

struct trained {
    struct network *network;
    struct net_store *store;
};

// BCE and Dice of images with four classes, encoder width 8.
struct network_spec trained_spec(enum network_purpose purpose, const char *encoder, uint32_t batch, uint32_t height, uint32_t width);
struct network *trained_build(const struct gpu_limits *limits, const struct network_spec *spec);
void trained_open(struct gpu *gpu, const struct network_spec *spec, struct trained *t);
void trained_close(struct trained *t);
// Fills the input of slot 0 with random images and masks.
void trained_fill(struct trained *t, struct base_rng *rng);
float trained_loss(const struct trained *t);
// What a parameter ends as, by its number in t->store: its gradient, or the value of a running statistic.
struct gpu_range trained_result(const struct trained *t, uint32_t param);

#endif
