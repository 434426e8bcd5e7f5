// SPDX-License-Identifier: MIT
// One pass of a network over batches: the device works on one batch while the host fetches and fills the next.
#ifndef TRAIN_PASS_H
#define TRAIN_PASS_H

#include "data/data.h"
#include "train/network.h"

struct pass {
    struct network *network;
    struct network *tail;  // of the last part of a group, where that is smaller; or NULL
    const struct data_set *set;
    const uint32_t *order; // sample indices
    uint32_t order_count;
    uint32_t group;        // samples of one step, run in parts of network's batch; 0: the batch is one step. Steps are always whole
    uint32_t threads;      // 0: one per processor
    bool labels;
    // Before a batch is submitted: fill flags and step values of `slot` (they start as zeros). May be NULL.
    void (*begin)(void *user, uint32_t slot, const struct data_batch *batch);
    // After it has run, in order: read outputs of `slot`. A failure ends the pass, NEPHOS_INTERRUPTED too; what was submitted
    // meanwhile (with what completes its step) is waited for and still handed over when the status was NEPHOS_INTERRUPTED.
    enum nephos_status (*end)(void *user, uint32_t slot, const struct data_batch *batch);
    void *user;
};
// The network that runs a batch.
struct network *pass_network(const struct pass *pass, const struct data_batch *batch);
// *wait_seconds (may be NULL): time the host waited for data.
enum nephos_status pass_run(const struct pass *pass, double *wait_seconds);

#endif
