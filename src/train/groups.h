// SPDX-License-Identifier: MIT
// Groups of parameters that the optimizer treats differently.
#ifndef TRAIN_GROUPS_H
#define TRAIN_GROUPS_H

#include "net/net.h"
#include "train/setting.h"

// Gives the graph's parameters their groups, and the optimizer what it does with each: encoder_lr for names "encoder...", no decay for
// vectors (batch norm, biases) where decay_norm_bias is off. With the default settings all are one group, and one dispatch. Before
// net_store_create.
void groups_assign(struct net_graph *graph, struct net_optimizer *optimizer, const struct train_settings *settings);

#endif
