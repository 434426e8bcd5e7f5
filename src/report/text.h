// SPDX-License-Identifier: MIT
// A growing text. Numbers are written with a decimal point, whatever the locale of the program.
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "base/status.h"

#include <stdarg.h>

struct text {
    char *bytes; // NUL-terminated
    size_t size, capacity;
    bool failed; // memory is out: later additions do nothing; asked once at the end
};

void text_add(struct text *text, const char *format, ...) NEPHOS_PRINTF(2, 3);
void text_add_list(struct text *text, const char *format, va_list arguments);
void text_add_bytes(struct text *text, const char *bytes, size_t size);
// For HTML and SVG, between tags and in attributes.
void text_add_escaped(struct text *text, const char *raw);
void text_add_base64(struct text *text, const uint8_t *bytes, size_t size);
void text_free(struct text *text);

#endif
