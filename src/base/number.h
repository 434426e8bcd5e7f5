// SPDX-License-Identifier: MIT
// Numbers in files: with a decimal point whatever the locale of the program, and strict about what is one.
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>

// Between these two, printf and strtod of this thread speak the C locale.
struct base_locale {
    locale_t c, previous;
};
struct base_locale base_locale_enter(void);
void base_locale_leave(struct base_locale locale);

// strtod in the C locale.
double base_parse_double(const char *text, char **end);
// Decimal digits at the start of `text` and nothing before them: strtoull would take "-1" and blanks. *end is behind them.
bool base_parse_digits(const char *text, char **end, uint64_t *value);
// All of `text` is a number not above `most`.
bool base_parse_count(const char *text, uint64_t most, uint64_t *value);

#endif
