// SPDX-License-Identifier: MIT
// Random operands for checks.
#ifndef CHECK_FILL_H
#define CHECK_FILL_H

#include "base/rng.h"
#include "check/verdict.h"

// Fills operand `index` of a case: `words` as the GPU sees it, `values` as the reference does (a word of CHECK_WORDS becomes the
// number it is as an unsigned integer).
void check_fill_operand(const struct check_case *c, uint32_t index, struct base_rng *rng, uint32_t *words, double *values);

#endif
