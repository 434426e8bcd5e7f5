// SPDX-License-Identifier: MIT
// What changes from step to step although the command buffers are replayed unchanged: a uniform buffer, shared by C and GLSL.
// 4-byte members only, so that C and std140 agree (the block is an array of scalars wrapped in a struct; see lib/step.glsl).
#ifndef STEP_H
#define STEP_H
#ifdef __STDC_VERSION__
#include <stdint.h>
#define STEP_UINT uint32_t
#define STEP_FLOAT float
#else
#define STEP_UINT uint
#define STEP_FLOAT float
#endif
struct step_values {
    STEP_UINT seed_lo, seed_hi; // of the run: dropout
    STEP_UINT count;            // optimizer steps done, this one included: 1, 2, ...
    STEP_FLOAT lr;
    STEP_FLOAT bias_correction1; // 1 - beta1^count (Adam)
    STEP_FLOAT bias_correction2; // 1 - beta2^count
    STEP_UINT first_image;      // where a step is made of parts: number of this part's first image in the batch
    STEP_FLOAT bias_correction3; // NAdam only, see src/train/bias.h
};
#endif
