// SPDX-License-Identifier: MIT
// The best few epochs' weights as files of their own, and their average: "stochastic weight averaging" over the checkpoints that did best
// (Izmailov et al., "Averaging weights leads to wider optima and better generalization", 2018).
#ifndef TRAIN_KEEP_H
#define TRAIN_KEEP_H

#include "train/run.h"

// Refuses settings that contradict each other.
enum nephos_status keep_check(const struct run *run);
// Which epochs are kept follows from history and monitor alone, so that an interruption changes nothing. Behind an epoch's row in the
// history: writes kept-EPOCH.safetensors if it is among the best.
enum nephos_status keep_epoch(const struct run *run);
// Behind the checkpoint: removes what is no longer among the best, and writes kept.csv.
enum nephos_status keep_tidy(const struct run *run);
// At the end of a run with average-best: average.safetensors, the mean of the kept weights and running statistics. Validates it, and tells
// how it compares with the best epoch. The store holds the average then.
enum nephos_status keep_average(struct run *run);

#endif
