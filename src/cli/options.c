// SPDX-License-Identifier: MIT
#include "options.h"

#include "terminal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 28
#define HELP_WIDTH 110
#define USAGE_ERROR 2

static int usage_error(const struct usage *usage)
{
    terminal_message("nephos %s --help tells more", usage->command);
    return USAGE_ERROR;
}

const char *options_hint(const char *word, const char *const *names, size_t count, const char *prefix)
{
    static char hint[128];
    const char *near = nephos_suggest(word, names, count);
    if (!near) return "";
    snprintf(hint, sizeof hint, "; did you mean '%s%s'?", prefix, near);
    return hint;
}

// --- help -------------------------------------------------------------------------------------------------------------

// Prints words from column HELP_COLUMN on, breaking lines before HELP_WIDTH; the cursor is at `column`.
static void print_wrapped(const char *text, int column)
{
    if (column + 1 >= HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", HELP_COLUMN - column, "");
    column = HELP_COLUMN;
    while (*text) {
        int length = (int)strcspn(text, " ");
        bool fits = column + 1 + length <= HELP_WIDTH;
        if (column > HELP_COLUMN) column = fits ? column + printf(" ") : printf("\n%*s", HELP_COLUMN, "") - 1;
        column += printf("%.*s", length, text);
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

static void print_help(const struct usage *usage)
{
    printf("Usage: nephos %s %s\n\n%s\n\nOptions:\n", usage->command, usage->synopsis, usage->summary);
    for (size_t i = 0; i < usage->option_count; i++) {
        const struct option *option = &usage->options[i];
        const char *argument = option->argument ? option->argument : "";
        print_wrapped(option->help, printf("  --%s%s%s", option->name, *argument ? " " : "", argument));
    }
    print_wrapped("this text", printf("  --help"));
    printf("\nExamples:\n%s", usage->examples);
}

// --- values -----------------------------------------------------------------------------------------------------------

static bool read_unsigned(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !errno && !*end;
}

static bool read_double(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return *text && !*end && isfinite(*value);
}

static bool bad_value(const struct option *option, const char *value)
{
    if (option->kind == OPTION_SEED)
        terminal_error("--%s is '%s': expected an integer from 0 to 18446744073709551615", option->name, value);
    else terminal_error("--%s is '%s': expected %s from %g to %g", option->name, value,
                        option->kind != OPTION_NUMBER ? "an integer" : "a number", option->low, option->high);
    return false;
}

static bool store_flag(const struct option *option, const char *value)
{
    if (strcmp(value, "true") && strcmp(value, "false")) {
        terminal_error("--%s is '%s': expected true or false, or no value at all", option->name, value);
        return false;
    }
    *(bool *)option->target = !strcmp(value, "true");
    return true;
}

static bool store(const struct option *option, const char *value)
{
    uint64_t whole;
    double number;
    switch (option->kind) {
    case OPTION_FLAG: return store_flag(option, value);
    case OPTION_TEXT: *(const char **)option->target = value; return true;
    case OPTION_BATCH:
        if (strcmp(value, "auto") == 0) {
            *(uint32_t *)option->target = NEPHOS_BATCH_AUTO;
            return true;
        }
        // fall through
    case OPTION_COUNT:
        if (!read_unsigned(value, &whole) || (double)whole < option->low || (double)whole > option->high) return bad_value(option, value);
        *(uint32_t *)option->target = (uint32_t)whole;
        return true;
    case OPTION_SEED: return read_unsigned(value, option->target) || bad_value(option, value);
    case OPTION_NUMBER:
        if (!read_double(value, &number) || number < option->low || number > option->high) return bad_value(option, value);
        *(double *)option->target = number;
        return true;
    case OPTION_LIST: {
        struct option_list *list = option->target;
        list->items[list->count++] = value;
        return true;
    }
    case OPTION_SETTING: return nephos_config_set(option->target, option->name, value) == NEPHOS_OK; // reported through the log
    }
    return false;
}

// --- parsing ----------------------------------------------------------------------------------------------------------

struct parser {
    const struct usage *usage;
    int argc, next;
    char **argv;
    bool *given; // per option
};

static const struct option *find(const struct usage *usage, const char *name, size_t length)
{
    for (size_t i = 0; i < usage->option_count; i++)
        if (strlen(usage->options[i].name) == length && !memcmp(usage->options[i].name, name, length)) return &usage->options[i];
    return NULL;
}

static bool unknown_option(const struct usage *usage, const char *word)
{
    const char **names = calloc(usage->option_count, sizeof *names);
    char name[64];
    for (size_t i = 0; names && i < usage->option_count; i++) names[i] = usage->options[i].name;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    terminal_error("unknown option '--%s'%s", name, names ? options_hint(name, names, usage->option_count, "--") : "");
    free(names);
    return false;
}

static bool is_option(const char *word) { return !strncmp(word, "--", 2); }

// Values of a list reach to the next option.
static bool take_list(struct parser *parser, const struct option *option)
{
    while (parser->next < parser->argc && !is_option(parser->argv[parser->next]))
        if (!store(option, parser->argv[parser->next++])) return false;
    return true;
}

static bool take_option(struct parser *parser)
{
    const char *word = parser->argv[parser->next++];
    if (!is_option(word) && parser->usage->words) {
        parser->usage->words->items[parser->usage->words->count++] = word;
        return true;
    }
    if (!is_option(word)) {
        terminal_error("unexpected argument '%s': options begin with --", word);
        return false;
    }
    const char *name = word + 2, *equals = strchr(name, '=');
    const struct option *option = find(parser->usage, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!option) return unknown_option(parser->usage, word);
    bool *given = &parser->given[option - parser->usage->options];
    if (*given && option->kind != OPTION_LIST) {
        terminal_error("--%s is given twice", option->name);
        return false;
    }
    *given = true;
    if (equals) return store(option, equals + 1);
    if (!option->argument) return store(option, "true");
    if (parser->next >= parser->argc || is_option(parser->argv[parser->next])) {
        terminal_error("--%s needs a value: %s", option->name, option->argument);
        return false;
    }
    if (option->kind == OPTION_LIST) return take_list(parser, option);
    return store(option, parser->argv[parser->next++]);
}

static bool nothing_missing(const struct parser *parser)
{
    if (parser->usage->words && !parser->usage->words->count) {
        terminal_error("%s is missing", parser->usage->words_name);
        return false;
    }
    for (size_t i = 0; i < parser->usage->option_count; i++) {
        const struct option *option = &parser->usage->options[i];
        if (!option->required || parser->given[i]) continue;
        terminal_error("--%s %s is missing", option->name, option->argument);
        return false;
    }
    return true;
}

int options_parse(const struct usage *usage, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") && strcmp(argv[i], "-h")) continue;
        print_help(usage);
        return 0;
    }
    struct parser parser = {.usage = usage, .argc = argc, .argv = argv, .next = 1, .given = calloc(usage->option_count, sizeof(bool))};
    bool good = parser.given != NULL;
    while (good && parser.next < argc) good = take_option(&parser);
    good = good && nothing_missing(&parser);
    free(parser.given);
    return good ? -1 : usage_error(usage);
}
