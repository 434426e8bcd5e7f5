// SPDX-License-Identifier: MIT
#include "base/number.h"

#include "base/file.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(number, counts_are_digits_and_nothing_else)
{
    uint64_t value = 7;
    cr_assert(base_parse_count("0", 10, &value) && value == 0);
    cr_assert(base_parse_count("18446744073709551615", UINT64_MAX, &value) && value == UINT64_MAX);
    const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616", "11"};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) cr_assert_not(base_parse_count(wrong[i], 10, &value), "'%s'", wrong[i]);
}

static bool use_decimal_comma(void)
{
    const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR.utf8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (setlocale(LC_ALL, names[i])) return *localeconv()->decimal_point == ',';
    return false;
}

Test(number, files_have_a_decimal_point_in_every_locale)
{
    if (!use_decimal_comma()) cr_skip_test("no locale with a decimal comma is installed");
    char *text = base_format("%g %a", 0.5, 0.5), *end;
    cr_assert_str_eq(text, "0.5 0x1p-1");
    cr_assert_eq(base_parse_double("0.25;", &end), 0.25);
    cr_assert_eq(*end, ';');
    cr_assert_eq(*localeconv()->decimal_point, ',', "the program's own locale is as it was");
    free(text);
}
