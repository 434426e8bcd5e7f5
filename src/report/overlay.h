// SPDX-License-Identifier: MIT
// Classes drawn over a picture: tinted areas, outlines and a legend.
#ifndef REPORT_OVERLAY_H
#define REPORT_OVERLAY_H

#include "base/status.h"

// Labels as everywhere: bit c = class c, or with `exclusive` the class index, where 0 (background by custom) and 255 (ignored)
// are not drawn.
struct overlay {
    const char *const *classes; // names, for the legend
    uint32_t class_count;
    bool exclusive;
    bool tint, legend;
    uint32_t dash; // length of dashes in pixels, 0: solid outlines
};
// Draws into rgb[height * width * 3]. Lines and letters grow with the picture. Fails only when memory is out.
enum nephos_status overlay_draw(struct nephos_log *log, uint8_t *rgb, const uint8_t *labels, uint32_t height, uint32_t width,
                                const struct overlay *overlay);

// Colour of a class, the same everywhere.
void overlay_colour(uint32_t class_index, uint8_t rgb[3]);

#endif
