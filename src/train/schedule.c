// SPDX-License-Identifier: MIT
#include "train/schedule.h"

#include "train/bias.h"

#include <math.h>

// From `from` to `to` along half a cosine; `done`: 0..1.
static double anneal(double from, double to, double done)
{
    return to + (from - to) * 0.5 * (1 + cos(acos(-1.0) * done));
}

// Smith & Topin, "Super-Convergence", 2018: up to lr and far down again, each along half a cosine, as PyTorch's OneCycleLR.
static double one_cycle(const struct train_settings *s, double step, double total)
{
    const double lr = s->lr, start = lr / (double)s->one_cycle_div, end = start / (double)s->one_cycle_final_div;
    const double last = total - 1, top = fmax((double)s->one_cycle_rise * total - 1, 0);
    if (step < top) return anneal(start, lr, step / top);
    return last > top ? anneal(lr, end, fmin((step - top) / (last - top), 1)) : lr;
}

// Behind the warm-up. `step`, `total`: counted from there; `epoch`: steps.
static double course(const struct train_settings *s, double step, double total, double epoch)
{
    const double lr = s->lr, least = fmin((double)s->min_lr, lr), done = total > 0 ? fmin(step / total, 1) : 1;
    switch (s->schedule) {
    case TRAIN_STEP:
        return fmax(lr * pow((double)s->step_factor, floor(step / (s->step_epochs * epoch))), least);
    case TRAIN_COSINE:
        return anneal(lr, least, done);
    case TRAIN_ONE_CYCLE:
        return one_cycle(s, step, total);
    case TRAIN_POLY:
        return least + (lr - least) * pow(1 - done, (double)s->poly_power);
    default:
        return lr; // a plateau changes lr itself
    }
}

float schedule_lr(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch)
{
    const double epoch = (double)steps_per_epoch, warmup = settings->warmup * epoch;
    if ((double)step < warmup) return (float)((double)settings->lr * (double)(step + 1) / warmup);
    return (float)course(settings, (double)step - warmup, settings->epochs * epoch - warmup, epoch);
}

enum nephos_status schedule_check(struct nephos_log *log, const struct train_settings *settings)
{
    if (settings->schedule != TRAIN_ONE_CYCLE || !settings->warmup) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_ARGUMENT, "--schedule one-cycle rises by itself: --warmup is %u, must be 0; see --one-cycle-rise",
                     settings->warmup);
}

struct step_values schedule_step(const struct train_settings *settings, uint64_t step, uint64_t steps_per_epoch, float beta1, float beta2)
{
    struct step_values values = {
        .seed_lo = (uint32_t)settings->seed,
        .seed_hi = (uint32_t)(settings->seed >> 32),
        .count = (uint32_t)(step + 1),
        .lr = schedule_lr(settings, step, steps_per_epoch),
    };
    bias_corrections(settings->optimizer, (double)beta1, (double)beta2, &values);
    return values;
}
