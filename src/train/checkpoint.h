// SPDX-License-Identifier: MIT
// The store in a file and back, in PyTorch's names and axis order.
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "data/safetensors.h"
#include "net/net.h"

// Writes parameters and running statistics, and with `moments` the optimizer's ("optimizer.exp_avg.NAME" ...) and the store's
// average, if it has one ("optimizer.average.NAME"), atomically.
// `steps`: optimizer steps done, kept as PyTorch's num_batches_tracked.
enum nephos_status checkpoint_save(const struct net_store *store, const char *path, bool moments, uint64_t steps, char *const *pairs,
                                   uint32_t pair_count);
// Reads everything the store has; a tensor that is missing or has another shape fails by name.
enum nephos_status checkpoint_load(struct net_store *store, const struct safetensors *file, bool moments);
// Reads what fits: encoders alone ("conv1.weight" or "encoder.conv1.weight"), other heads. Warns of what was left as it was;
// fails when nothing fits, or a tensor other than the head's has another shape.
enum nephos_status checkpoint_init(struct net_store *store, const struct safetensors *file);

#endif
