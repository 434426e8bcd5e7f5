// SPDX-License-Identifier: MIT
// The settings as a file for people: in groups, each with what it does, what it may be and what it is.
#include "train/config.h"

#include "report/text.h"

#include <string.h>

#define LINE 100 // bytes of a comment line, where words allow

// Rows of the table up to the next group's first belong together.
static const struct group {
    const char *first, *title;
} groups[] = {
    {"data", "Where things are"},
    {"arch", "Network"},
    {"height", "Images and batches"},
    {"epochs", "Optimizer, loss and learning rate"},
    {"patience", "Stopping and keeping"},
    {"val-share", "Validation"},
    {"flip", "Augmentation"},
    {"seed", "The run"},
    {"threads", "Device"},
};

static void add_title(struct text *text, const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(groups); i++)
        if (strcmp(groups[i].first, name) == 0) text_add(text, "\n# ===== %s =====\n", groups[i].title);
}

// As comment lines, broken at blanks.
static void add_comment(struct text *text, const char *words)
{
    while (*words) {
        size_t length = strlen(words);
        if (length > LINE) {
            for (length = LINE; length > 0 && words[length] != ' ';)
                length--;
            if (length == 0) length = strcspn(words, " ");
        }
        text_add(text, "# %.*s\n", (int)length, words);
        words += length;
        words += strspn(words, " ");
    }
}

static void add_range(struct text *text, const struct setting *s)
{
    struct text range = {0};
    const bool number = s->kind == SETTING_COUNT || s->kind == SETTING_FLOAT;
    if (number) text_add(&range, "%.9g to %.9g", s->low, s->high);
    if (number && s->choices) text_add(&range, ", or ");
    if (s->choices) text_add(&range, "%s", s->choices);
    if (s->kind == SETTING_BOOL) text_add(&range, "true|false");
    if (range.size) text_add(&range, "; ");
    text_add(&range, "default: %s", *s->default_value ? s->default_value : "none");
    if (range.failed)
        text->failed = true;
    else
        add_comment(text, range.bytes);
    text_free(&range);
}

enum nephos_status nephos_config_text(const struct nephos_config *config, char **text)
{
    if (!config || !text) return base_fail(NULL, NEPHOS_ERROR_ARGUMENT, "nephos_config_text: an argument is NULL");
    struct text written = {0};
    text_add(&written, "# nephos %s: settings of nephos train; --config reads this file.\n", NEPHOS_VERSION);
    text_add(&written, "# Lines name = value; what is left out has its default; # or ; begins a comment line.\n");
    for (size_t i = 0; i < train_setting_count; i++) {
        const struct setting *s = &train_setting_table[i];
        const char *value = nephos_config_get(config, s->name);
        add_title(&written, s->name);
        text_add(&written, "\n");
        add_comment(&written, s->help);
        add_range(&written, s);
        text_add(&written, *value ? "%s = %s\n" : "%s =\n", s->name, value);
    }
    if (written.failed) {
        text_free(&written);
        return base_fail(NULL, NEPHOS_ERROR_MEMORY, "out of memory for the text of the settings");
    }
    *text = written.bytes;
    return NEPHOS_OK;
}
