// SPDX-License-Identifier: MIT
// Bar charts as SVG, for a page that defines the colours --ink, --muted, --grid and --series0 .. 3. Legible at the width of a phone.
#ifndef REPORT_BARS_H
#define REPORT_BARS_H

#include "report/text.h"

struct bars {
    const char *title;    // any text
    const double *values; // not negative
    uint32_t count;
    const char *const *names; // of the bars, any texts; NULL: bins of 0 to 100 %
    uint32_t colour;          // of --series0 .. 3
    const char *unit;         // "images"
};
// Upright bars side by side, names below them: for short names and bins.
void bars_add_columns(struct text *text, const struct bars *bars);
// Lying bars below each other, names in front of them: for names of any length, of which the page shows the beginning.
void bars_add_rows(struct text *text, const struct bars *bars);

// Lines over the values 0 to 255, each scaled by the greatest of all: histograms of channels.
struct levels {
    const char *title;
    const double *values[3]; // [256] each
    const char *colours[3];  // CSS
};
void bars_add_levels(struct text *text, const struct levels *levels);

#endif
