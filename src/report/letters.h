// SPDX-License-Identifier: MIT
// Small capitals for legends in pictures: 5 x 7 dots a letter. Lower case is drawn as upper case, what is not in the table as a box.
#ifndef REPORT_LETTERS_H
#define REPORT_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

enum { LETTER_HEIGHT = 7, LETTER_WIDTH = 5, LETTER_ADVANCE = 6 };

// Number of letters in UTF-8 text: continuation bytes don't count.
uint32_t letters_count(const char *text);
// Draws at (top, left), each dot `scale` x `scale` pixels; what falls outside the picture is left out.
void letters_draw(uint8_t *rgb, uint32_t height, uint32_t width, uint32_t top, uint32_t left, uint32_t scale, const char *text,
                  const uint8_t colour[3]);

#endif
