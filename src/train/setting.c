// SPDX-License-Identifier: MIT
// From the text of a setting to its checked value.
#include "train/setting.h"

#include "base/number.h"
#include "train/loss.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !((*a == '_' || *a == '-') && (*b == '_' || *b == '-'))) return false;
    return *a == *b;
}

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < train_setting_count; i++)
        if (same_name(train_setting_table[i].name, name)) return &train_setting_table[i];
    return NULL;
}

const char *setting_type(const struct setting *setting)
{
    switch (setting->kind) {
    case SETTING_COUNT:
    case SETTING_SEED:
        return "int";
    case SETTING_FLOAT:
        return "float";
    case SETTING_BOOL:
        return "bool";
    case SETTING_CHOICE:
    case SETTING_NAME:
        return "choice";
    case SETTING_PATH:
        return "path";
    case SETTING_LOSS:
    case SETTING_LIST:
    case SETTING_TEXT:
        break;
    }
    return "text";
}

struct place { // what every parser needs to report a bad value
    struct nephos_log *log;
    const char *where;
    const struct setting *setting;
    const char *text;
};

static enum nephos_status refuse(const struct place *p, const char *expected)
{
    return base_fail(p->log, NEPHOS_ERROR_ARGUMENT, "%ssetting '%s' is '%s': expected %s", p->where, p->setting->name, p->text, expected);
}

// No "inf", "nan" or hexadecimal.
static bool parse_number(const char *text, size_t length, double *value)
{
    char copy[64];
    if (!length || length >= sizeof copy || strspn(text, "0123456789.eE+-") < length) return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    char *end;
    *value = base_parse_double(copy, &end);
    return !*end && isfinite(*value);
}

static enum nephos_status parse_count(const struct place *p, uint32_t *value)
{
    const struct setting *s = p->setting;
    uint64_t wide;
    if (s->choices && strcmp(p->text, "auto") == 0) {
        *value = SETTING_AUTO;
        return NEPHOS_OK;
    }
    if (!base_parse_count(p->text, UINT64_MAX, &wide) || (double)wide < s->low || (double)wide > s->high || (s->step && wide % s->step)) {
        char expected[96];
        if (s->step)
            snprintf(expected, sizeof expected, "a multiple of %u from %.0f to %.0f", s->step, s->low, s->high);
        else
            snprintf(expected, sizeof expected, "an integer from %.0f to %.0f%s", s->low, s->high, s->choices ? ", or auto" : "");
        return refuse(p, expected);
    }
    *value = (uint32_t)wide;
    return NEPHOS_OK;
}

static enum nephos_status parse_seed(const struct place *p, uint64_t *value)
{
    if (!base_parse_count(p->text, UINT64_MAX, value)) return refuse(p, "an integer from 0 to 18446744073709551615");
    return NEPHOS_OK;
}

static enum nephos_status parse_float(const struct place *p, float *value)
{
    double wide;
    const char *word = p->setting->choices;
    if (word && strcmp(p->text, word) == 0) {
        *value = NAN;
        return NEPHOS_OK;
    }
    if (!parse_number(p->text, strlen(p->text), &wide) || wide < p->setting->low || wide > p->setting->high) {
        char expected[96];
        snprintf(expected, sizeof expected, "a number from %g to %g%s%s", p->setting->low, p->setting->high, word ? ", or " : "",
                 word ? word : "");
        return refuse(p, expected);
    }
    *value = (float)wide;
    return NEPHOS_OK;
}

static enum nephos_status parse_bool(const struct place *p, bool *value)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (strcmp(p->text, words[i])) continue;
        *value = i % 2;
        return NEPHOS_OK;
    }
    return refuse(p, "true or false");
}

static enum nephos_status parse_choice(const struct place *p, uint32_t *position)
{
    size_t length = strlen(p->text);
    const char *choice = p->setting->choices;
    for (uint32_t i = 0;; i++) {
        size_t end = strcspn(choice, "|");
        if (end == length && !memcmp(choice, p->text, end)) {
            *position = i;
            return NEPHOS_OK;
        }
        if (!choice[end]) return refuse(p, p->setting->choices);
        choice += end + 1;
    }
}

// What a line "name = value" of config.ini can't carry must not be set in the first place.
static enum nephos_status parse_text(const struct place *p, const char **value)
{
    size_t length = strlen(p->text);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)p->text[i] < ' ') return refuse(p, "text without control characters");
    if (length && (p->text[0] == ' ' || p->text[length - 1] == ' ')) return refuse(p, "text without blanks around it");
    *value = length ? p->text : NULL;
    return NEPHOS_OK;
}

static enum nephos_status refuse_term(const struct place *p, const char *name, size_t length)
{
    char expected[320] = "terms", word[32] = "";
    const char *names[16];
    size_t count = 0, used = strlen(expected);
    for (const struct loss_term *term = loss_terms; term->name && count < ARRAY_COUNT(names); term++) {
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%s %s", count ? "," : "", term->name);
        names[count++] = term->name;
    }
    memcpy(word, name, length < sizeof word ? length : 0);
    const char *near = *word && !loss_find(name, length) ? nephos_suggest(word, names, count) : NULL;
    snprintf(expected + used, sizeof expected - used, ", each at most once, joined by '+', with a weight as in 0.5*bce+dice%s%s%s",
             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return refuse(p, expected);
}

// One term "dice" or "0.5*dice".
static enum nephos_status parse_term(const struct place *p, const char *text, size_t length, struct train_loss *loss)
{
    double weight = 1;
    const char *star = memchr(text, '*', length);
    if (star) {
        if (!parse_number(text, (size_t)(star - text), &weight) || weight <= 0 || weight > 1e6) return refuse_term(p, "", 0);
        length -= (size_t)(star + 1 - text);
        text = star + 1;
    }
    const struct loss_term *term = loss_find(text, length);
    if (!term || loss_weight(loss, term) != 0 || (float)weight == 0) return refuse_term(p, text, length);
    *(float *)((char *)loss + term->weight) = (float)weight;
    return NEPHOS_OK;
}

// Sets the weights, and leaves the rest.
static enum nephos_status parse_loss(const struct place *p, struct train_loss *value)
{
    struct train_loss loss = {0};
    for (const char *text = p->text;;) {
        const size_t length = strcspn(text, "+");
        const enum nephos_status status = parse_term(p, text, length, &loss);
        if (status != NEPHOS_OK) return status;
        if (!text[length]) break;
        text += length + 1;
    }
    if (loss.ce > 0 && loss.bce > 0) return refuse(p, "either ce (one class per pixel) or bce (classes may overlap)");
    for (const struct loss_term *term = loss_terms; term->name; term++)
        *(float *)((char *)value + term->weight) = loss_weight(&loss, term);
    return NEPHOS_OK;
}

static enum nephos_status parse_list(const struct place *p, struct train_list *value)
{
    const struct setting *s = p->setting;
    struct train_list list = {0};
    for (const char *text = p->text; *text;) {
        const size_t length = strcspn(text, ",");
        double number;
        const bool last = !text[length], good = parse_number(text, length, &number) && number >= s->low && number <= s->high;
        if (!good || list.count == TRAIN_LIST_MOST || (!last && !text[length + 1])) {
            char expected[96];
            snprintf(expected, sizeof expected, "1 to %u numbers from %g to %g, joined by ','", TRAIN_LIST_MOST, s->low, s->high);
            return refuse(p, expected);
        }
        list.values[list.count++] = (float)number;
        text += length + !last;
    }
    *value = list;
    return NEPHOS_OK;
}

enum nephos_status setting_parse(struct nephos_log *log, const char *where, const struct setting *setting, const char *text,
                                 struct train_settings *settings)
{
    const struct place place = {log, where, setting, text};
    void *member = (char *)settings + setting->offset;
    uint32_t position;
    switch (setting->kind) {
    case SETTING_COUNT:
        return parse_count(&place, member);
    case SETTING_SEED:
        return parse_seed(&place, member);
    case SETTING_FLOAT:
        return parse_float(&place, member);
    case SETTING_BOOL:
        return parse_bool(&place, member);
    case SETTING_CHOICE:
        return parse_choice(&place, member);
    case SETTING_LOSS:
        return parse_loss(&place, member);
    case SETTING_LIST:
        return parse_list(&place, member);
    case SETTING_NAME: {
        enum nephos_status status = parse_choice(&place, &position);
        if (status == NEPHOS_OK) *(const char **)member = text;
        return status;
    }
    case SETTING_PATH:
    case SETTING_TEXT:
        break;
    }
    return parse_text(&place, member);
}
