// SPDX-License-Identifier: MIT
#include "report/text.h"

#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct text *text, size_t size)
{
    if (text->failed || size < text->capacity - text->size) return !text->failed;
    size_t capacity = 2 * (text->size + size) + 256;
    char *grown = realloc(text->bytes, capacity);
    text->failed = !grown;
    if (!grown) return false;
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t size)
{
    if (!reserve(text, size)) return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_add_list(text, format, arguments);
    va_end(arguments);
}

void text_add_list(struct text *text, const char *format, va_list arguments)
{
    char *formatted = NULL;
    const struct base_locale locale = base_locale_enter();
    int size = vasprintf(&formatted, format, arguments);
    base_locale_leave(locale);
    if (size < 0) {
        text->failed = true;
        return;
    }
    text_add_bytes(text, formatted, (size_t)size);
    free(formatted);
}

void text_add_escaped(struct text *text, const char *raw)
{
    for (; *raw; raw++) {
        switch (*raw) {
        case '&': text_add_bytes(text, "&amp;", 5); break;
        case '<': text_add_bytes(text, "&lt;", 4); break;
        case '>': text_add_bytes(text, "&gt;", 4); break;
        case '"': text_add_bytes(text, "&quot;", 6); break;
        case '\'': text_add_bytes(text, "&#39;", 5); break;
        default: text_add_bytes(text, raw, 1);
        }
    }
}

void text_add_base64(struct text *text, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t left = size - i < 3 ? (uint32_t)(size - i) : 3;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        char four[4];
        for (uint32_t k = 0; k < 4; k++) four[k] = k <= left ? digits[group >> (18 - 6 * k) & 63] : '=';
        text_add_bytes(text, four, 4);
    }
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
