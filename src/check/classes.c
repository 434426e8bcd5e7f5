// SPDX-License-Identifier: MIT
#include "check/classes.h"

#include "op/classes.h"

#include <math.h>

int check_label(const struct op_attr *attr, const struct check_tensor *target, uint64_t pixel, uint32_t classes)
{
    const int label = (int)target->v[pixel];
    const bool ignored = attr->ignore_index != 0 && label == (int)attr->ignore_index;
    return ignored || label < 0 || label >= (int)classes ? -1 : label;
}

double check_class_probs(const double *z, uint32_t classes, double *p)
{
    double sum = 0;
    for (uint32_t c = 0; c < classes; c++) sum += exp(z[c]);
    for (uint32_t c = 0; c < classes; c++) p[c] = exp(z[c]) / sum;
    return log(sum);
}

bool check_classes(const struct op_attr *attr, const struct check_tensor *in, uint64_t pixel, double *p, double *t)
{
    const uint32_t classes = in[0].shape.c;
    const double *z = in[0].v + pixel * classes;
    const bool indexed = op_classes_indexed(attr, in[0].shape, in[1].shape);
    const int label = indexed ? check_label(attr, &in[1], pixel, classes) : -1;
    bool any = false;
    for (uint32_t c = 0; c < classes; c++) {
        p[c] = 1 / (1 + exp(-z[c]));
        t[c] = indexed ? (int)c == label : in[1].v[pixel * classes + c];
        any = any || t[c] != 0;
    }
    if (attr->mode == OP_CLASSES_SIGMOID) return true;
    check_class_probs(z, classes, p);
    return any;
}
