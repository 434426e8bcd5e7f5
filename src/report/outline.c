// SPDX-License-Identifier: MIT
// Squares are stamped into a scratch plane around every pixel of the boundary and painted once afterwards: the cost follows the
// length of the outline, and the rim is not darkened twice where stamps overlap.
#include "report/outline.h"

#include <string.h>

enum { NOTHING, RIM, LINE };

struct canvas {
    uint8_t *plane;
    uint32_t height, width;
};

static void stamp(const struct canvas *canvas, uint32_t y, uint32_t x, uint32_t radius, uint8_t what)
{
    uint32_t top = y > radius ? y - radius : 0, left = x > radius ? x - radius : 0;
    for (uint32_t row = top; row <= y + radius && row < canvas->height; row++)
        for (uint32_t column = left; column <= x + radius && column < canvas->width; column++) {
            uint8_t *place = &canvas->plane[(size_t)row * canvas->width + column];
            if (*place < what) *place = what;
        }
}

static void paint(uint8_t *rgb, const struct canvas *canvas, const uint8_t colour[3])
{
    for (size_t i = 0; i < (size_t)canvas->height * canvas->width; i++)
        for (size_t c = 0; c < 3; c++) {
            uint8_t *value = &rgb[3 * i + c];
            if (canvas->plane[i] == LINE) *value = colour[c];
            else if (canvas->plane[i] == RIM) *value = (uint8_t)(*value * 2 / 5);
        }
}

struct area {
    const uint8_t *labels;
    uint32_t height, width;
    bool (*inside)(uint8_t label, uint32_t class_index);
    uint32_t class_index;
};

static bool area_has(const struct area *area, uint32_t y, uint32_t x) // x or y may have wrapped below zero
{
    return y < area->height && x < area->width && area->inside(area->labels[(size_t)y * area->width + x], area->class_index);
}

// Whether a pixel of the area belongs to its boundary. Dashes are counted along the edge's main direction: along any fixed direction
// of the plane, some slanted edge would be all dash or all gap.
static bool is_drawn(const struct area *area, uint32_t y, uint32_t x, uint32_t dash)
{
    bool level = !area_has(area, y - 1, x) || !area_has(area, y + 1, x);
    bool upright = !area_has(area, y, x - 1) || !area_has(area, y, x + 1);
    if (!level && !upright) return false;
    return !dash || (level ? x : y) / dash % 2 == 0;
}

void outline_draw(uint8_t *rgb, const uint8_t *labels, uint32_t height, uint32_t width, bool (*inside)(uint8_t label, uint32_t class_index),
                  uint32_t class_index, const struct outline *outline, uint8_t *scratch)
{
    struct canvas canvas = {scratch, height, width};
    struct area area = {labels, height, width, inside, class_index};
    uint32_t rim = outline->radius + (outline->radius ? outline->radius : 1);
    memset(scratch, NOTHING, (size_t)height * width);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            if (!area_has(&area, y, x) || !is_drawn(&area, y, x, outline->dash)) continue;
            stamp(&canvas, y, x, rim, RIM);
            stamp(&canvas, y, x, outline->radius, LINE);
        }
    paint(rgb, &canvas, outline->colour);
}
