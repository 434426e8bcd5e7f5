// SPDX-License-Identifier: MIT
#include "train/bias.h"

#include "train/setting.h"

#include <math.h>

#define MOMENTUM_DECAY 0.004

// Factor of m in a step by NAdam (Dozat, 2016).
static double momentum_at(double beta1, double step)
{
    return beta1 * (1 - 0.5 * pow(0.96, step * MOMENTUM_DECAY));
}

static void correct_nadam(double beta1, double count, struct step_values *step)
{
    double product = 1;
    for (double i = 1; i <= count && product > 1e-20; i++)
        product *= momentum_at(beta1, i); // smaller ones change no bit of 1 - product
    const double now = momentum_at(beta1, count), next = momentum_at(beta1, count + 1);
    step->bias_correction1 = (float)((1 - product * next) / next);
    step->bias_correction3 = (float)((1 - product) / (1 - now));
}

// Liu and others, "On the Variance of the Adaptive Learning Rate and Beyond", 2020; from a length of 5 on as PyTorch does.
static void correct_radam(double beta1, double beta2, double count, struct step_values *step)
{
    const double most = 2 / (1 - beta2) - 1, power = pow(beta2, count), correction = 1 - power;
    const double length = most - 2 * count * power / correction;
    const bool rectified = length > 5;
    const double ratio = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
    step->bias_correction1 = (float)((1 - pow(beta1, count)) / (rectified ? sqrt(ratio * correction) : 1));
    step->bias_correction2 = rectified ? 1 : 0;
}

void bias_corrections(uint32_t optimizer, double beta1, double beta2, struct step_values *step)
{
    const double count = step->count;
    step->bias_correction1 = (float)(1 - pow(beta1, count));
    step->bias_correction2 = (float)(1 - pow(beta2, count));
    step->bias_correction3 = 1;
    if (optimizer == TRAIN_RADAM) correct_radam(beta1, beta2, count, step);
    if (optimizer == TRAIN_NADAM) correct_nadam(beta1, count, step);
}
