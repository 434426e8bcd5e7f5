// SPDX-License-Identifier: MIT
// The course of the learning rate, and what else changes from step to step.
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "step.h"
#include "train/setting.h"

// Learning rate of a step counted from 0 over the whole run: a linear rise over `warmup` epochs, then the course of the schedule:
// constant (plateau, too: see plateau.h); a factor every so many epochs; half a cosine down to min_lr at the end of the last epoch
// (Loshchilov & Hutter, "SGDR", 2017); one cycle; a power of what remains. docs/optimizers.md has the formulas.
float schedule_lr(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch);
// Refuses settings that contradict each other.
enum nephos_status schedule_check(struct nephos_log *log, const struct train_settings *settings);
// The step uniform of that step.
struct step_values schedule_step(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch, float beta1, float beta2);

#endif
