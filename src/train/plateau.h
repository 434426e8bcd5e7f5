// SPDX-License-Identifier: MIT
// A learning rate that falls where the monitored value gets no better; PyTorch's ReduceLROnPlateau.
#ifndef TRAIN_PLATEAU_H
#define TRAIN_PLATEAU_H

#include "train/setting.h"

struct plateau {
    double best;  // the last that was better by more than min_delta; NAN before the first epoch
    uint32_t bad; // epochs since, or since the rate fell
};

// Takes the value of an epoch down. Returns whether the learning rate falls: when more than plateau_patience epochs were no better.
bool plateau_judge(struct plateau *plateau, const struct train_settings *settings, double value);
// The learning rate below `lr`: times plateau_factor, but no less than min_lr; `lr` where that is less already.
double plateau_lower(const struct train_settings *settings, double lr);

#endif
