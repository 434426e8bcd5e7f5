// SPDX-License-Identifier: MIT
// A contact sheet: pictures of one size in rows and columns, with a line of text above each row.
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "base/status.h"

struct sheet {
    uint32_t rows, columns, height, width; // of one picture
    uint32_t sheet_height, sheet_width;
    uint8_t *rgb; // owned: sheet_free
};
// An empty sheet; fails where it would not fit into memory or into a picture file.
enum nephos_status sheet_create(struct nephos_log *log, uint32_t rows, uint32_t columns, uint32_t height, uint32_t width,
                                struct sheet *sheet);
void sheet_free(struct sheet *sheet);
void sheet_place(const struct sheet *sheet, uint32_t row, uint32_t column, const uint8_t *rgb); // rgb[height * width * 3]
void sheet_caption(const struct sheet *sheet, uint32_t row, uint32_t column, const char *text); // cut off at the picture's width

#endif
