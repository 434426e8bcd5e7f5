// SPDX-License-Identifier: MIT
// Bar charts and heat maps.
#include "report/bars.h"
#include "report/heat.h"

#include <criterion/criterion.h>
#include <string.h>

static uint32_t occurrences(const char *text, const char *part)
{
    uint32_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

Test(bars, columns_stand_on_a_round_scale)
{
    struct text text = {0};
    static const double values[] = {3, 0, 37, 12};
    static const char *const names[] = {"0", "1", "2", "3+"};
    bars_add_columns(&text, &(struct bars){"A & B", values, 4, names, 1, "images"});
    cr_expect_eq(occurrences(text.bytes, "<rect"), 4);
    cr_expect_not_null(strstr(text.bytes, "A &amp; B"));
    cr_expect_not_null(strstr(text.bytes, "<title>2: 37 images</title>"));
    cr_expect_not_null(strstr(text.bytes, ">40</text>"));
    cr_expect_not_null(strstr(text.bytes, "height=\"0.0\""));
    text_free(&text);
}

Test(bars, without_names_bins_are_shares)
{
    struct text text = {0};
    static const double values[] = {0, 0, 0, 0};
    bars_add_columns(&text, &(struct bars){"", values, 4, NULL, 0, "images"});
    cr_expect_not_null(strstr(text.bytes, "<title>25–50 %: 0 images</title>"));
    cr_expect_not_null(strstr(text.bytes, ">100 %</text>"));
    cr_expect_null(strstr(text.bytes, "nan"));
    text_free(&text);
}

Test(bars, rows_show_the_beginning_of_long_names)
{
    struct text text = {0};
    static const double values[] = {10, 5};
    static const char *const names[] = {"<short>", "éééééééééééééééééééééééééééééé"};
    bars_add_rows(&text, &(struct bars){"", values, 2, names, 0, "images"});
    cr_expect_not_null(strstr(text.bytes, ">&lt;short&gt;</text>"));
    cr_expect_not_null(strstr(text.bytes, ">éééééééééééééééééééééééééé…</text>"), "%s", text.bytes);
    cr_expect_not_null(strstr(text.bytes, "<title>éééééééééééééééééééééééééééééé: 5 images</title>"));
    text_free(&text);
}

Test(heat, more_is_brighter)
{
    int last = -1;
    for (int i = 0; i <= 50; i++) {
        uint8_t rgb[3];
        heat_colour(i / 50.0, rgb);
        const int bright = 77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2];
        cr_expect_gt(bright, last, "at %d", i);
        last = bright;
    }
}

Test(heat, a_map_is_a_picture_of_the_right_shape)
{
    struct text text = {0};
    static const double cells[6] = {0, 1, 2, 3, 4, 5}, none[6] = {0};
    cr_assert_eq(heat_add(NULL, &text, &(struct heat){cells, 2, 3, 0, 100, 150}, "a \"map\""), NEPHOS_OK);
    cr_expect_not_null(strstr(text.bytes, "aspect-ratio:150/100"));
    cr_expect_not_null(strstr(text.bytes, "alt=\"a &quot;map&quot;\""));
    cr_expect_not_null(strstr(text.bytes, "data:image/png;base64,iVBOR"));
    cr_assert_eq(heat_add(NULL, &text, &(struct heat){none, 2, 3, 0, 100, 150}, ""), NEPHOS_OK);
    text_free(&text);
}
