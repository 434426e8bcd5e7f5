// SPDX-License-Identifier: MIT
#include "report/letters.h"

#include <stddef.h>

// One row of dots per number, the left dot in bit 4.
static const struct letter {
    char code;
    uint8_t rows[LETTER_HEIGHT];
} letters[] = {
    {'A', {14, 17, 17, 31, 17, 17, 17}}, {'B', {30, 17, 17, 30, 17, 17, 30}}, {'C', {14, 17, 16, 16, 16, 17, 14}},
    {'D', {30, 17, 17, 17, 17, 17, 30}}, {'E', {31, 16, 16, 30, 16, 16, 31}}, {'F', {31, 16, 16, 30, 16, 16, 16}},
    {'G', {14, 17, 16, 23, 17, 17, 14}}, {'H', {17, 17, 17, 31, 17, 17, 17}}, {'I', {14, 4, 4, 4, 4, 4, 14}},
    {'J', {7, 2, 2, 2, 2, 18, 12}},      {'K', {17, 18, 20, 24, 20, 18, 17}}, {'L', {16, 16, 16, 16, 16, 16, 31}},
    {'M', {17, 27, 21, 21, 17, 17, 17}}, {'N', {17, 25, 25, 21, 19, 19, 17}}, {'O', {14, 17, 17, 17, 17, 17, 14}},
    {'P', {30, 17, 17, 30, 16, 16, 16}}, {'Q', {14, 17, 17, 17, 21, 18, 13}}, {'R', {30, 17, 17, 30, 20, 18, 17}},
    {'S', {15, 16, 16, 14, 1, 1, 30}},   {'T', {31, 4, 4, 4, 4, 4, 4}},       {'U', {17, 17, 17, 17, 17, 17, 14}},
    {'V', {17, 17, 17, 17, 17, 10, 4}},  {'W', {17, 17, 17, 21, 21, 27, 17}}, {'X', {17, 17, 10, 4, 10, 17, 17}},
    {'Y', {17, 17, 10, 4, 4, 4, 4}},     {'Z', {31, 1, 2, 4, 8, 16, 31}},     {'0', {14, 17, 19, 21, 25, 17, 14}},
    {'1', {4, 12, 4, 4, 4, 4, 14}},      {'2', {14, 17, 1, 6, 8, 16, 31}},    {'3', {30, 1, 1, 14, 1, 1, 30}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},     {'5', {31, 16, 30, 1, 1, 17, 14}},   {'6', {6, 8, 16, 30, 17, 17, 14}},
    {'7', {31, 1, 2, 4, 4, 8, 8}},       {'8', {14, 17, 17, 14, 17, 17, 14}}, {'9', {14, 17, 17, 15, 1, 2, 12}},
    {' ', {0, 0, 0, 0, 0, 0, 0}},        {'-', {0, 0, 0, 31, 0, 0, 0}},       {'_', {0, 0, 0, 0, 0, 0, 31}},
    {'.', {0, 0, 0, 0, 0, 12, 12}},      {'/', {1, 1, 2, 4, 8, 16, 16}},      {'+', {0, 4, 4, 31, 4, 4, 0}},
    {'(', {2, 4, 8, 8, 8, 4, 2}},        {')', {8, 4, 2, 2, 2, 4, 8}},        {'%', {24, 25, 2, 4, 8, 19, 3}},
};
static const struct letter box = {0, {31, 17, 17, 17, 17, 17, 31}};

static bool starts_letter(char c)
{
    return ((uint8_t)c & 0xc0) != 0x80;
}

static const struct letter *find(char code)
{
    if (code >= 'a' && code <= 'z') code = (char)(code - 'a' + 'A');
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].code == code) return &letters[i];
    return &box;
}

uint32_t letters_count(const char *text)
{
    uint32_t count = 0;
    for (; *text; text++) count += starts_letter(*text);
    return count;
}

void letters_draw(uint8_t *rgb, uint32_t height, uint32_t width, uint32_t top, uint32_t left, uint32_t scale, const char *text,
                  const uint8_t colour[3])
{
    for (; *text; text++) {
        if (!starts_letter(*text)) continue;
        const struct letter *letter = find(*text);
        for (uint32_t y = 0; y < LETTER_HEIGHT * scale && top + y < height; y++)
            for (uint32_t x = 0; x < LETTER_WIDTH * scale && left + x < width; x++)
                if (letter->rows[y / scale] >> (LETTER_WIDTH - 1 - x / scale) & 1)
                    for (int c = 0; c < 3; c++) rgb[((size_t)(top + y) * width + left + x) * 3 + (size_t)c] = colour[c];
        left += LETTER_ADVANCE * scale;
    }
}
