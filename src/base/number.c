// SPDX-License-Identifier: MIT
#include "base/number.h"

#include <errno.h>
#include <stdlib.h>

// Where the C locale can't be had, nothing is changed.
struct base_locale base_locale_enter(void)
{
    struct base_locale locale = {.c = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    if (locale.c) locale.previous = uselocale(locale.c);
    return locale;
}

void base_locale_leave(struct base_locale locale)
{
    if (!locale.c) return;
    uselocale(locale.previous);
    freelocale(locale.c);
}

double base_parse_double(const char *text, char **end)
{
    const struct base_locale locale = base_locale_enter();
    const double value = strtod(text, end);
    base_locale_leave(locale);
    return value;
}

bool base_parse_digits(const char *text, char **end, uint64_t *value)
{
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    *value = strtoull(text, end, 10);
    return errno == 0;
}

bool base_parse_count(const char *text, uint64_t most, uint64_t *value)
{
    char *end;
    return base_parse_digits(text, &end, value) && *end == '\0' && *value <= most;
}
