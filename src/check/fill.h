// SPDX-License-Identifier: MIT
// Random operands for checks.
#ifndef CHECK_FILL_H
#define CHECK_FILL_H

#include "base/rng.h"
#include "check/verdict.h"

// Fills operand `index` of a case: `words` as the GPU sees it, `values` as the reference does (a word of CHECK_WORDS or CHECK_OWN
// becomes the number it is as an unsigned integer; the latter's words are given). `first` is operand 0, which CHECK_MOMENTS reads.
void check_fill_operand(const struct check_case *c, uint32_t index, struct base_rng *rng, const struct check_tensor *first,
                        uint32_t *words, double *values);
// Mean and sum of squared deviations of channel c.
void check_moments(const struct check_tensor *x, uint32_t c, double *mean, double *m2);

#endif
