// SPDX-License-Identifier: MIT
// The course of the learning rate, and what else changes from step to step.
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "step.h"
#include "train/setting.h"

// Learning rate of a step counted from 0 over the whole run: a linear rise over `warmup` epochs, then constant, or half a cosine
// down to 0 at the end of the last epoch (Loshchilov & Hutter, "SGDR", 2017).
float schedule_lr(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch);
// The step uniform of that step.
struct step_values schedule_step(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch, float beta1, float beta2);

#endif
