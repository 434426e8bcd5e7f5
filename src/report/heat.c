// SPDX-License-Identifier: MIT
#include "report/heat.h"
#include "data/data.h"

#include <math.h>
#include <stdlib.h>

void heat_colour(double share, uint8_t rgb[3])
{
    static const uint8_t stops[][3] = {{16, 22, 38}, {38, 58, 130}, {124, 52, 148}, {214, 74, 96}, {250, 152, 58}, {252, 236, 150}};
    const double place = fmin(fmax(share, 0), 1) * (ARRAY_COUNT(stops) - 1);
    const size_t stop = place < ARRAY_COUNT(stops) - 1 ? (size_t)place : ARRAY_COUNT(stops) - 2;
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lround(stops[stop][c] + (place - (double)stop) * (stops[stop + 1][c] - stops[stop][c]));
}

static double greatest(const struct heat *heat)
{
    double most = heat->most;
    for (uint32_t i = 0; i < heat->rows * heat->columns && heat->most <= 0; i++)
        most = fmax(most, heat->cells[i]);
    return most > 0 ? most : 1;
}

enum nephos_status heat_add(struct nephos_log *log, struct text *text, const struct heat *heat, const char *alt)
{
    const uint32_t cells = heat->rows * heat->columns;
    const double most = greatest(heat);
    uint8_t *rgb = malloc(3 * (size_t)cells), *png = NULL;
    size_t size;
    if (!rgb) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for a map of %u cells", cells);
    for (uint32_t i = 0; i < cells; i++)
        heat_colour(heat->cells[i] / most, rgb + 3 * (size_t)i);
    const enum nephos_status status = data_png_encode(log, rgb, heat->rows, heat->columns, 3, &png, &size);
    free(rgb);
    if (status != NEPHOS_OK) return status;
    text_add(text, "<img class=\"heat\" style=\"aspect-ratio:%u/%u\" alt=\"", heat->width, heat->height);
    text_add_escaped(text, alt);
    text_add(text, "\" src=\"data:image/png;base64,");
    text_add_base64(text, png, size);
    text_add(text, "\">");
    free(png);
    return NEPHOS_OK;
}
