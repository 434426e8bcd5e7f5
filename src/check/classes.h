// SPDX-License-Identifier: MIT
// Logits and targets of one pixel, for the references of losses and metrics.
#ifndef CHECK_CLASSES_H
#define CHECK_CLASSES_H

#include "check/check.h"

#define CHECK_MAX_CLASSES 32

// The label at `pixel` of an index tensor, or -1 for a pixel without.
int check_label(const struct op_attr *attr, const struct check_tensor *target, uint64_t pixel, uint32_t classes);
// softmax(z), with the logarithm of its denominator as the result.
double check_class_probs(const double *z, uint32_t classes, double *p);
// Probabilities p[] and targets t[] of a pixel's classes, from in[0] (logits) and in[1] (target). False: the pixel has no label.
bool check_classes(const struct op_attr *attr, const struct check_tensor *in, uint64_t pixel, double *p, double *t);

#endif
