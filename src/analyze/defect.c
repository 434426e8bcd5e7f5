// SPDX-License-Identifier: MIT
#include "analyze/defect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kind {
    const char *name, *title;
    bool error;
} kinds[DEFECT_KINDS] = {
    [DEFECT_ROW] = {"row", "Rows that can't be read", true},
    [DEFECT_LABEL] = {"label", "Labels that are no FILE_CLASS", true},
    [DEFECT_CLASS] = {"class", "Unknown classes", true},
    [DEFECT_DUPLICATE_ROW] = {"duplicate-row", "Rows that are there twice", true},
    [DEFECT_MISSING_IMAGE] = {"missing-image", "Images that are missing", true},
    [DEFECT_IMAGE] = {"image", "Images that can't be read", true},
    [DEFECT_RLE] = {"run-length-code", "Run-length codes that are none", true},
    [DEFECT_RLE_RANGE] = {"beyond-image", "Masks that go beyond their image", true},
    [DEFECT_MISSING_MASK] = {"missing-mask", "Images without a mask", true},
    [DEFECT_MASK] = {"mask", "Masks that can't be read", true},
    [DEFECT_MASK_SIZE] = {"mask-size", "Masks of another size than their image", true},
    [DEFECT_MASK_VALUE] = {"mask-value", "Values of masks that are no class", true},
    [DEFECT_SAME_NAME] = {"same-name", "Names that differ in their extension only", true},
    [DEFECT_SPLIT_ROW] = {"split-row", "Bad rows of split.csv", true},
    [DEFECT_SPLIT_MISSING] = {"split-missing", "Images without a row in split.csv", true},
    [DEFECT_UNUSED_IMAGE] = {"unused-image", "Images without any row", false},
    [DEFECT_UNUSED_MASK] = {"unused-mask", "Masks without an image", false},
    [DEFECT_ODD_SIZE] = {"odd-size", "Images of an unusual size", false},
    [DEFECT_BLACK] = {"black", "Images without content", false},
    [DEFECT_BLACK_AND_WHITE] = {"black-and-white", "Masks of 0 and 255 only, where 255 is ignored", false},
    [DEFECT_LEAK] = {"leak", "Alike images on both sides of a split", false},
};

const char *defect_name(enum defect_kind kind)
{
    return kinds[kind].name;
}

const char *defect_title(enum defect_kind kind)
{
    return kinds[kind].title;
}

bool defect_is_error(enum defect_kind kind)
{
    return kinds[kind].error;
}

static struct defect *next_item(struct defects *defects)
{
    if (defects->failed) return NULL;
    if (defects->count == defects->capacity) {
        const size_t capacity = defects->capacity ? 2 * defects->capacity : 16;
        struct defect *grown = realloc(defects->items, capacity * sizeof *grown);
        defects->failed = !grown;
        if (!grown) return NULL;
        defects->items = grown;
        defects->capacity = capacity;
    }
    return &defects->items[defects->count];
}

static void add(struct defects *defects, enum defect_kind kind, const char *file, uint32_t line, char *text)
{
    struct defect *item = next_item(defects);
    char *copy = strdup(file);
    if (!item || !copy || !text) {
        free(copy);
        free(text);
        defects->failed = true;
        return;
    }
    *item = (struct defect){kind, copy, line, text};
    defects->count++;
    defects->counts[kind]++;
}

void defects_add(struct defects *defects, enum defect_kind kind, const char *file, uint32_t line, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    va_end(arguments);
    add(defects, kind, file, line, text);
}

void defects_add_message(struct defects *defects, enum defect_kind kind, const char *file, uint32_t line, const char *path,
                         const char *message)
{
    const size_t length = strlen(path);
    if (length && strncmp(message, path, length) == 0 && message[length] == ':') {
        message += length + 1;
        const size_t digits = strspn(message, "0123456789");
        if (digits && message[digits] == ':') message += digits + 1;
        message += strspn(message, " ");
    }
    add(defects, kind, file, line, strdup(message));
}

void defects_move(struct defects *to, struct defects *from)
{
    to->failed |= from->failed;
    for (size_t i = 0; i < from->count; i++) {
        struct defect *item = next_item(to);
        if (!item) break;
        *item = from->items[i];
        to->count++;
        to->counts[item->kind]++;
        from->items[i] = (struct defect){0};
    }
    defects_free(from);
}

static uint64_t total(const struct defects *defects, bool errors)
{
    uint64_t sum = 0;
    for (int kind = 0; kind < DEFECT_KINDS; kind++)
        sum += kinds[kind].error == errors ? defects->counts[kind] : 0;
    return sum;
}

uint64_t defects_errors(const struct defects *defects)
{
    return total(defects, true);
}

uint64_t defects_warnings(const struct defects *defects)
{
    return total(defects, false);
}

void defects_free(struct defects *defects)
{
    for (size_t i = 0; i < defects->count; i++) {
        free(defects->items[i].file);
        free(defects->items[i].text);
    }
    free(defects->items);
    *defects = (struct defects){0};
}
