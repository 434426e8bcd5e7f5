// SPDX-License-Identifier: MIT
// What Adam and its kin divide by, since their moments start at zero; computed in double precision, as torch.optim does.
#ifndef TRAIN_BIAS_H
#define TRAIN_BIAS_H

#include "step.h"

// Sets the three corrections of step->count (1 is the first step) for an optimizer of enum train_optimizer:
// adam, adamw: 1 - beta1^t and 1 - beta2^t.
// radam: 1 - beta1^t over what rectifies; the second is 1, or 0 in the first steps, which are plain momentum: their variance is unknown.
// nadam: the lr over the first is the factor of m, the lr over the third that of the gradient (momentum_decay 0.004).
void bias_corrections(uint32_t optimizer, double beta1, double beta2, struct step_values *step);

#endif
