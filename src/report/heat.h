// SPDX-License-Identifier: MIT
// A heat map as a picture inside the page: a pixel per cell, enlarged by the browser.
#ifndef REPORT_HEAT_H
#define REPORT_HEAT_H

#include "report/text.h"

struct heat {
    const double *cells; // [rows][columns], 0 to `most`
    uint32_t rows, columns;
    double most;            // drawn brightest; 0: the greatest of the cells
    uint32_t height, width; // sides of what the map lies over: their ratio is the picture's
};
// `alt` describes it; any text.
enum nephos_status heat_add(struct nephos_log *log, struct text *text, const struct heat *heat, const char *alt);
// From 0 (dark) to 1 (bright); legible without colours, too.
void heat_colour(double share, uint8_t rgb[3]);

#endif
