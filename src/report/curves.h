// SPDX-License-Identifier: MIT
// A line chart over epochs as SVG, for a page that defines the colours --ink, --muted, --grid, --paper and --series0 .. 3.
#ifndef REPORT_CURVES_H
#define REPORT_CURVES_H

#include "report/text.h"

#define CURVES_MAX 8

struct curve {
    const char *name;
    const double *values; // one per epoch; NAN: a gap
    uint32_t colour;      // of --series0 .. 3
    bool dashed;
};
struct curves {
    const char *title;
    const uint32_t *epochs; // ascending
    uint32_t count;
    const struct curve *curves;
    uint32_t curve_count;  // at most CURVES_MAX
    bool share;            // values are 0..1: the axis never leaves that
    uint32_t best;         // index of the epoch that is marked; UINT32_MAX: none
};
void curves_add_svg(struct text *text, const struct curves *curves);

// Round steps that divide low..high into about `wanted` parts: 1, 2 or 5 times a power of ten.
double curves_step(double low, double high, uint32_t wanted);

#endif
