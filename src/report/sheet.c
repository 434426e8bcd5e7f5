// SPDX-License-Identifier: MIT
#include "report/sheet.h"

#include "report/letters.h"

#include <stdlib.h>
#include <string.h>

#define GAP 6
#define MOST_SIDE 65500 // of a picture that common viewers open
#define GROUND 24       // grey between the pictures
enum { SCALE = 2, PAD = 5, CAPTION = LETTER_HEIGHT * SCALE + 2 * PAD };

enum nephos_status sheet_create(struct nephos_log *log, uint32_t rows, uint32_t columns, uint32_t height, uint32_t width,
                                struct sheet *sheet)
{
    const uint64_t sheet_height = (uint64_t)rows * (height + CAPTION) + GAP, sheet_width = (uint64_t)columns * (width + GAP) + GAP;
    if (sheet_height > MOST_SIDE || sheet_width > MOST_SIDE)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "a sheet of %u x %u pictures of %u x %u pixels would be %llu pixels high and %llu wide; at most %d are possible: "
                         "use fewer or smaller ones",
                         rows, columns, height, width, (unsigned long long)sheet_height, (unsigned long long)sheet_width, MOST_SIDE);
    *sheet = (struct sheet){rows, columns, height, width, (uint32_t)sheet_height, (uint32_t)sheet_width, NULL};
    sheet->rgb = malloc((size_t)sheet_height * sheet_width * 3);
    if (!sheet->rgb)
        return base_fail(log, NEPHOS_ERROR_MEMORY, "no memory for a sheet of %llu x %llu pixels", (unsigned long long)sheet_height,
                         (unsigned long long)sheet_width);
    memset(sheet->rgb, GROUND, (size_t)sheet_height * sheet_width * 3);
    return NEPHOS_OK;
}

void sheet_free(struct sheet *sheet)
{
    free(sheet->rgb);
    sheet->rgb = NULL;
}

static uint32_t left_of(const struct sheet *sheet, uint32_t column)
{
    return GAP + column * (sheet->width + GAP);
}

void sheet_place(const struct sheet *sheet, uint32_t row, uint32_t column, const uint8_t *rgb)
{
    const uint32_t top = CAPTION + row * (sheet->height + CAPTION);
    for (uint32_t y = 0; y < sheet->height; y++)
        memcpy(sheet->rgb + ((size_t)(top + y) * sheet->sheet_width + left_of(sheet, column)) * 3, rgb + (size_t)y * sheet->width * 3,
               (size_t)sheet->width * 3);
}

void sheet_caption(const struct sheet *sheet, uint32_t row, uint32_t column, const char *text)
{
    static const uint8_t white[3] = {235, 235, 235};
    char line[128];
    size_t length = 0;
    // In UTF-8 no letter is left half.
    for (uint32_t letters = 0; text[length] && length + 1 < sizeof line; length++) {
        letters += ((unsigned char)text[length] & 0xc0) != 0x80;
        if (letters * LETTER_ADVANCE * SCALE > sheet->width) break;
    }
    memcpy(line, text, length);
    line[length] = 0;
    letters_draw(sheet->rgb, sheet->sheet_height, sheet->sheet_width, row * (sheet->height + CAPTION) + PAD, left_of(sheet, column), SCALE,
                 line, white);
}
