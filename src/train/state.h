// SPDX-License-Identifier: MIT
// Where a training run stands: all that `last.safetensors` keeps beside the weights so that going on gives the same bits.
#ifndef TRAIN_STATE_H
#define TRAIN_STATE_H

#include "data/safetensors.h"
#include "train/plateau.h"
#include "train/tally.h"

struct train_state {
    uint64_t seed;
    uint64_t steps;         // optimizer steps done in the whole run
    uint32_t epoch;         // epochs completed
    uint32_t step_in_epoch; // of the epoch begun after those
    double loss_sum;        // over those steps
    double seconds, wait_seconds; // spent in them
    struct tally tally;     // of those steps
    uint32_t monitor;       // what best_value and patient_value are of
    double best_value;      // NAN before the first epoch's end
    uint32_t best_epoch;    // 1-based, 0: none
    double patient_value;   // the last that was better by more than --min-delta
    uint32_t patient_epoch;
    uint32_t rollbacks;     // since the last epoch that ended well
    double lr_scale;        // what rollbacks and plateaus made of the learning rate
    struct plateau plateau;
};
// Text pairs for the metadata, as meta_write gives them; *count pairs are appended to *pairs.
enum nephos_status train_state_append(struct nephos_log *log, const struct train_state *state, char ***pairs, uint32_t *count);
// state->tally must have been created for the right number of classes; a file of another state->monitor is refused.
enum nephos_status train_state_read(const struct safetensors *file, struct train_state *state);

#endif
