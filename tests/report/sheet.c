// SPDX-License-Identifier: MIT
#include "report/sheet.h"

#include <criterion/criterion.h>
#include <string.h>

enum { ROWS = 2, COLUMNS = 3, HEIGHT = 8, WIDTH = 30 };

static struct sheet open_sheet(void)
{
    struct sheet sheet;
    cr_assert_eq(sheet_create(NULL, ROWS, COLUMNS, HEIGHT, WIDTH, &sheet), NEPHOS_OK);
    return sheet;
}

static uint32_t count_colour(const struct sheet *sheet, uint8_t grey)
{
    uint32_t count = 0;
    for (size_t i = 0; i < (size_t)sheet->sheet_height * sheet->sheet_width; i++)
        count += sheet->rgb[3 * i] == grey;
    return count;
}

Test(sheet, pictures_do_not_touch)
{
    struct sheet sheet = open_sheet();
    uint8_t picture[HEIGHT * WIDTH * 3];
    memset(picture, 200, sizeof picture);
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++)
        sheet_place(&sheet, i / COLUMNS, i % COLUMNS, picture);
    cr_assert_eq(count_colour(&sheet, 200), ROWS * COLUMNS * HEIGHT * WIDTH);
    for (uint32_t x = 0; x < sheet.sheet_width; x++) { // first and last row, first and last column are free
        cr_assert(sheet.rgb[3 * x] != 200 && sheet.rgb[((size_t)(sheet.sheet_height - 1) * sheet.sheet_width + x) * 3] != 200);
    }
    sheet_free(&sheet);
}

Test(sheet, a_caption_stays_above_its_picture)
{
    struct sheet sheet = open_sheet();
    sheet_caption(&sheet, 1, 1, "a name that is much longer than its picture is wide");
    const uint32_t drawn = count_colour(&sheet, 235);
    cr_assert_gt(drawn, 0);
    uint8_t picture[HEIGHT * WIDTH * 3] = {0};
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++)
        sheet_place(&sheet, i / COLUMNS, i % COLUMNS, picture);
    cr_assert_eq(count_colour(&sheet, 235), drawn, "no picture covers it");
    const uint32_t left = sheet.sheet_width / COLUMNS;
    for (uint32_t y = 0; y < sheet.sheet_height; y++) {
        for (uint32_t x = 0; x < sheet.sheet_width; x++) {
            if (sheet.rgb[((size_t)y * sheet.sheet_width + x) * 3] == 235) cr_assert(x >= left && x < 2 * left + 6);
        }
    }
    sheet_free(&sheet);
}

Test(sheet, too_large_is_refused)
{
    struct sheet sheet = {0};
    cr_assert_eq(sheet_create(NULL, 64, 64, 2000, 2000, &sheet), NEPHOS_ERROR_ARGUMENT);
    cr_assert_null(sheet.rgb);
}
