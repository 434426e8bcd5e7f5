// SPDX-License-Identifier: MIT
// Run-length codes of masks: pairs "start length", 1-based, counted down the columns, then right.
//
// Decoding is strict: whatever the competition's own encoder can't have written is an error, with one exception. Runs that touch (a start
// right behind the end of the run before) are unambiguous and accepted; encoding such a mask joins them.
#include "data/data.h"
#include "data/rle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What of a wrong text is shown in a message.
enum { SHOWN_LENGTH = 24 };

struct reader {
    struct nephos_log *log;
    const char *where;
    const char *at;
    uint64_t run;      // 1-based number of the run being read
    uint64_t end;      // 1-based position of the last pixel set so far
    uint64_t limit;    // pixels of the frame
};

static const char *skip_space(const char *text)
{
    while (*text == ' ' || *text == '\t') text++;
    return text;
}

// Reads one number; values beyond 64 bits become UINT64_MAX, which no frame holds.
static enum nephos_status read_number(struct reader *reader, uint64_t *value)
{
    const char *begin = reader->at, *p = begin;
    uint64_t number = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    if (p == begin || (*p && *p != ' ' && *p != '\t')) {
        const int length = (int)strcspn(begin, " \t");
        return base_fail(reader->log, NEPHOS_ERROR_DATA,
                         "%s: run %" PRIu64 ": \"%.*s\" is not a number; allowed are pairs \"start length\"",
                         reader->where, reader->run, length < SHOWN_LENGTH ? length : SHOWN_LENGTH, begin);
    }
    reader->at = skip_space(p);
    *value = number;
    return NEPHOS_OK;
}

static enum nephos_status check_run(const struct reader *reader, uint64_t start, uint64_t length)
{
    if (start == 0)
        return base_fail(reader->log, NEPHOS_ERROR_DATA, "%s: run %" PRIu64 ": starts at 0; the first pixel is 1", reader->where,
                         reader->run);
    if (length == 0)
        return base_fail(reader->log, NEPHOS_ERROR_DATA, "%s: run %" PRIu64 ": start %" PRIu64 " has length 0; at least 1 is allowed",
                         reader->where, reader->run, start);
    if (start <= reader->end)
        return base_fail(reader->log, NEPHOS_ERROR_DATA,
                         "%s: run %" PRIu64 ": starts at %" PRIu64 ", but the run before ends at %" PRIu64 "; starts must ascend without "
                         "overlap",
                         reader->where, reader->run, start, reader->end);
    if (start > reader->limit || length - 1 > reader->limit - start)
        return base_fail(reader->log, NEPHOS_ERROR_DATA,
                         "%s: run %" PRIu64 ": start %" PRIu64 " length %" PRIu64 " goes past the last pixel, %" PRIu64 "; is the image of "
                         "another size?",
                         reader->where, reader->run, start, length, reader->limit);
    return NEPHOS_OK;
}

// Reads the next run; *length is 0 at the end of the text.
static enum nephos_status read_run(struct reader *reader, uint64_t *start, uint64_t *length)
{
    *length = 0;
    if (!*reader->at) return NEPHOS_OK;
    reader->run++;
    enum nephos_status status = read_number(reader, start);
    if (status != NEPHOS_OK) return status;
    if (!*reader->at)
        return base_fail(reader->log, NEPHOS_ERROR_DATA, "%s: run %" PRIu64 ": start %" PRIu64 " has no length (odd count of numbers)",
                         reader->where, reader->run, *start);
    status = read_number(reader, length);
    if (status != NEPHOS_OK) return status;
    status = check_run(reader, *start, *length);
    reader->end = *start + *length - 1;
    return status;
}

static struct reader reader_at(struct nephos_log *log, const char *where, const char *text, uint64_t limit)
{
    return (struct reader){.log = log, .where = where, .at = skip_space(text), .limit = limit};
}

enum nephos_status data_rle_check(struct nephos_log *log, const char *where, const char *text, uint64_t pixels)
{
    struct reader reader = reader_at(log, where, text, pixels);
    uint64_t start, length;
    enum nephos_status status;
    do {
        status = read_run(&reader, &start, &length);
    } while (status == NEPHOS_OK && length > 0);
    return status;
}

static void set_bits(uint8_t *labels, uint32_t height, uint32_t width, uint64_t start, uint64_t length, uint8_t bits)
{
    uint64_t column = (start - 1) / height, row = (start - 1) % height;
    for (uint64_t i = 0; i < length; i++) {
        labels[row * width + column] |= bits;
        if (++row == height) {
            row = 0;
            column++;
        }
    }
}

enum nephos_status data_rle_mark(struct nephos_log *log, const char *where, const char *text, uint32_t height, uint32_t width, uint8_t bits,
                                 uint8_t *labels)
{
    // Checked as a whole first, so that a bad text changes nothing.
    const uint64_t pixels = (uint64_t)height * width;
    const enum nephos_status status = data_rle_check(log, where, text, pixels);
    if (status != NEPHOS_OK) return status;
    struct reader reader = reader_at(log, where, text, pixels);
    uint64_t start, length;
    while (read_run(&reader, &start, &length) == NEPHOS_OK && length > 0) set_bits(labels, height, width, start, length, bits);
    return NEPHOS_OK;
}

enum nephos_status data_rle_decode(struct nephos_log *log, const char *where, const char *text, uint32_t height, uint32_t width,
                                   uint8_t *mask)
{
    const uint64_t pixels = (uint64_t)height * width;
    const enum nephos_status status = data_rle_check(log, where, text, pixels);
    if (status != NEPHOS_OK) return status;
    memset(mask, 0, pixels);
    return data_rle_mark(log, where, text, height, width, 1, mask);
}

// --- encoding ---------------------------------------------------------------------------------------------------------

struct cursor { // walks a row-major mask column by column
    const uint8_t *mask;
    uint32_t height, width;
    uint64_t position; // 0-based, column-major
    uint32_t row, column;
};

static bool cursor_set(const struct cursor *cursor)
{
    return cursor->column < cursor->width && cursor->mask[(size_t)cursor->row * cursor->width + cursor->column];
}

static void cursor_next(struct cursor *cursor)
{
    cursor->position++;
    if (++cursor->row == cursor->height) {
        cursor->row = 0;
        cursor->column++;
    }
}

// Finds the next run; false behind the last one.
static bool next_run(struct cursor *cursor, uint64_t *start, uint64_t *length)
{
    while (cursor->column < cursor->width && !cursor_set(cursor)) cursor_next(cursor);
    *start = cursor->position + 1;
    while (cursor_set(cursor)) cursor_next(cursor);
    *length = cursor->position + 1 - *start;
    return *length > 0;
}

char *data_rle_encode(const uint8_t *mask, uint32_t height, uint32_t width)
{
    if (height == 0 || width == 0) return calloc(1, 1);
    const struct cursor first = {.mask = mask, .height = height, .width = width};
    struct cursor cursor = first;
    uint64_t start, length, runs = 0;
    while (next_run(&cursor, &start, &length)) runs++;
    const size_t digits = (size_t)snprintf(NULL, 0, "%" PRIu64, (uint64_t)height * width);
    char *text = malloc(runs * 2 * (digits + 1) + 1);
    if (!text) return NULL;
    size_t used = 0;
    text[0] = '\0';
    cursor = first;
    while (next_run(&cursor, &start, &length))
        used += (size_t)sprintf(text + used, used ? " %" PRIu64 " %" PRIu64 : "%" PRIu64 " %" PRIu64, start, length);
    char *fitted = realloc(text, used + 1);
    return fitted ? fitted : text;
}
