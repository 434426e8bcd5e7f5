// SPDX-License-Identifier: MIT
#include "train/schedule.h"

#include <math.h>

float schedule_lr(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch)
{
    const double lr = settings->lr, warmup = (double)settings->warmup * (double)steps_per_epoch;
    if ((double)step < warmup) return (float)(lr * (double)(step + 1) / warmup);
    if (settings->schedule != TRAIN_COSINE) return settings->lr;
    const double total = (double)settings->epochs * (double)steps_per_epoch - warmup;
    const double done = total > 0 ? ((double)step - warmup) / total : 1;
    return (float)(lr * 0.5 * (1 + cos(acos(-1.0) * fmin(done, 1))));
}

struct step_values schedule_step(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch, float beta1, float beta2)
{
    const double count = (double)step + 1;
    return (struct step_values){
        .seed_lo = (uint32_t)settings->seed,
        .seed_hi = (uint32_t)(settings->seed >> 32),
        .count = (uint32_t)(step + 1),
        .lr = schedule_lr(settings, step, steps_per_epoch),
        .bias_correction1 = (float)(1 - pow((double)beta1, count)),
        .bias_correction2 = (float)(1 - pow((double)beta2, count)),
    };
}
