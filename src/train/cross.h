// SPDX-License-Identifier: MIT
// Cross-validation: one training per fold, and what all of them together got right.
#ifndef TRAIN_CROSS_H
#define TRAIN_CROSS_H

#include "train/trainer.h"

// Trains as the settings say: one network, or one per fold in RUN/fold-1 ..., then RUN/folds.csv and RUN/folds.json. With "resume" each
// fold goes on from where it stands. A RUN that is itself the folder of the fold set ("RUN/fold-2") is that fold's training alone.
enum nephos_status cross_run(struct gpu *gpu, const struct nephos_config *config, nephos_progress_fn progress, void *user);

// cross_report.c: writes both files from the folds' score.txt, of those that are there. `shape`: a tally with the classes' number.
enum nephos_status cross_report(struct nephos_log *log, const char *out, uint32_t folds, const struct tally *shape);

#endif
