// SPDX-License-Identifier: MIT
#include "report/overlay.h"
#include "report/letters.h"
#include "report/outline.h"

#include <stdlib.h>

#define IGNORED 255

void overlay_colour(uint32_t class_index, uint8_t rgb[3])
{
    // Apart from each other and from clouds, sea and land; repeated beyond eight.
    static const uint8_t colours[][3] = {{255, 92, 92}, {255, 184, 28},  {64, 214, 120}, {72, 160, 255},
                                         {198, 120, 255}, {0, 206, 209}, {255, 128, 200}, {190, 225, 60}};
    const uint8_t *colour = colours[class_index % ARRAY_COUNT(colours)];
    for (int c = 0; c < 3; c++) rgb[c] = colour[c];
}

static bool has_bit(uint8_t label, uint32_t class_index)
{
    return label >> class_index & 1;
}

static bool has_index(uint8_t label, uint32_t class_index)
{
    return label == class_index && label != 0 && label != IGNORED;
}

// Overlapping classes mix: each takes its share of what is there already.
static void tint(uint8_t *rgb, const uint8_t *labels, size_t count, const struct overlay *overlay)
{
    for (uint32_t c = 0; c < overlay->class_count; c++) {
        uint8_t colour[3];
        overlay_colour(c, colour);
        for (size_t i = 0; i < count; i++) {
            if (!(overlay->exclusive ? has_index : has_bit)(labels[i], c)) continue;
            for (size_t k = 0; k < 3; k++) rgb[3 * i + k] = (uint8_t)((rgb[3 * i + k] * 7 + colour[k] * 3) / 10);
        }
    }
}

// --- legend -----------------------------------------------------------------------------------------------------------

static bool present(const uint8_t *labels, size_t count, const struct overlay *overlay, uint32_t class_index)
{
    for (size_t i = 0; i < count; i++)
        if ((overlay->exclusive ? has_index : has_bit)(labels[i], class_index)) return true;
    return false;
}

static void fill(uint8_t *rgb, uint32_t height, uint32_t width, const uint32_t box[4], const uint8_t colour[3])
{
    for (uint32_t y = box[0]; y < box[0] + box[2] && y < height; y++)
        for (uint32_t x = box[1]; x < box[1] + box[3] && x < width; x++)
            for (size_t c = 0; c < 3; c++) rgb[((size_t)y * width + x) * 3 + c] = colour[c];
}

// One line per class that occurs, on a dark plate in the upper left corner.
static void draw_legend(uint8_t *rgb, const uint8_t *labels, uint32_t height, uint32_t width, const struct overlay *overlay)
{
    static const uint8_t plate[3] = {24, 26, 32}, white[3] = {245, 245, 245};
    uint32_t scale = 1 + height / 500, pad = 4 * scale, line = 11 * scale, swatch = LETTER_HEIGHT * scale;
    uint32_t count = 0, longest = 0;
    for (uint32_t c = 0; c < overlay->class_count; c++) {
        if (!present(labels, (size_t)height * width, overlay, c)) continue;
        uint32_t length = letters_count(overlay->classes[c]);
        longest = length > longest ? length : longest;
        count++;
    }
    if (!count) return;
    uint32_t plate_height = count * line - 4 * scale + 2 * pad, plate_width = swatch + 3 * pad + (longest * LETTER_ADVANCE - 1) * scale;
    fill(rgb, height, width, (uint32_t[]){pad, pad, plate_height, plate_width}, plate);
    for (uint32_t c = 0, top = 2 * pad; c < overlay->class_count; c++) {
        if (!present(labels, (size_t)height * width, overlay, c)) continue;
        uint8_t colour[3];
        overlay_colour(c, colour);
        fill(rgb, height, width, (uint32_t[]){top, 2 * pad, swatch, swatch}, colour);
        letters_draw(rgb, height, width, top, 3 * pad + swatch, scale, overlay->classes[c], white);
        top += line;
    }
}

enum nephos_status overlay_draw(struct nephos_log *log, uint8_t *rgb, const uint8_t *labels, uint32_t height, uint32_t width,
                                const struct overlay *overlay)
{
    size_t count = (size_t)height * width;
    uint8_t *scratch = malloc(count);
    if (!scratch) return base_fail(log, NEPHOS_ERROR_MEMORY, "no memory to draw outlines on %u x %u pixels", height, width);
    struct outline outline = {.radius = ((height < width ? height : width) + 200) / 400, .dash = overlay->dash};
    if (overlay->tint) tint(rgb, labels, count, overlay);
    for (uint32_t c = 0; c < overlay->class_count; c++) {
        overlay_colour(c, outline.colour);
        outline_draw(rgb, labels, height, width, overlay->exclusive ? has_index : has_bit, c, &outline, scratch);
    }
    if (overlay->legend) draw_legend(rgb, labels, height, width, overlay);
    free(scratch);
    return NEPHOS_OK;
}
