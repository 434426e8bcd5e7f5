// SPDX-License-Identifier: MIT
#include "train/plateau.h"

#include "train/monitor.h"

#include <math.h>

bool plateau_judge(struct plateau *plateau, const struct train_settings *settings, double value)
{
    if (monitor_is_better(settings->monitor, value, plateau->best, (double)settings->min_delta)) {
        *plateau = (struct plateau){.best = value};
        return false;
    }
    if (++plateau->bad <= settings->plateau_patience) return false;
    plateau->bad = 0;
    return true;
}

double plateau_lower(const struct train_settings *settings, double lr)
{
    return fmax(lr * (double)settings->plateau_factor, fmin((double)settings->min_lr, lr));
}
