// SPDX-License-Identifier: MIT
#include "report/overlay.h"
#include "report/letters.h"

#include <criterion/criterion.h>
#include <string.h>

enum { HEIGHT = 40, WIDTH = 60 };

static uint8_t rgb[HEIGHT * WIDTH * 3], labels[HEIGHT * WIDTH];
static const char *const classes[] = {"Fish", "Flower", "Gravel"};

// A grey picture with a rectangle of `label`: rows 10..29, columns 20..49.
static void paint_square(uint8_t label)
{
    memset(rgb, 100, sizeof rgb);
    memset(labels, 0, sizeof labels);
    for (uint32_t y = 10; y < 30; y++) memset(labels + y * WIDTH + 20, label, 30);
}

static void draw(struct overlay overlay)
{
    overlay.classes = classes;
    overlay.class_count = ARRAY_COUNT(classes);
    cr_assert_eq(overlay_draw(NULL, rgb, labels, HEIGHT, WIDTH, &overlay), NEPHOS_OK);
}

static bool is_colour(uint32_t y, uint32_t x, uint32_t class_index)
{
    uint8_t colour[3];
    overlay_colour(class_index, colour);
    return memcmp(rgb + (y * WIDTH + x) * 3, colour, 3) == 0;
}

static bool is_untouched(uint32_t y, uint32_t x)
{
    return rgb[(y * WIDTH + x) * 3] == 100 && rgb[(y * WIDTH + x) * 3 + 1] == 100 && rgb[(y * WIDTH + x) * 3 + 2] == 100;
}

Test(overlay, outline_follows_the_boundary_and_has_a_dark_rim)
{
    paint_square(2); // bit 1
    draw((struct overlay){0});
    for (uint32_t x = 20; x < 50; x++) cr_expect(is_colour(10, x, 1) && is_colour(29, x, 1), "column %u", x);
    for (uint32_t y = 10; y < 30; y++) cr_expect(is_colour(y, 20, 1) && is_colour(y, 49, 1), "row %u", y);
    cr_expect_eq(rgb[(9 * WIDTH + 30) * 3], 40);
    cr_expect_eq(rgb[(11 * WIDTH + 30) * 3], 40);
    cr_expect(is_untouched(20, 30) && is_untouched(5, 5) && is_untouched(8, 30) && is_untouched(12, 30));
}

Test(overlay, overlapping_classes_are_all_drawn)
{
    paint_square(1);
    for (uint32_t y = 15; y < 20; y++) memset(labels + y * WIDTH + 25, 1 | 4, 10);
    draw((struct overlay){0});
    cr_expect(is_colour(10, 30, 0));
    cr_expect(is_colour(15, 30, 2));
}

Test(overlay, exclusive_background_and_ignored_pixels_are_left_alone)
{
    paint_square(255);
    draw((struct overlay){.exclusive = true, .tint = true, .legend = true});
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) cr_assert(is_untouched(y, x), "%u,%u", y, x);
    paint_square(2);
    draw((struct overlay){.exclusive = true});
    cr_expect(is_colour(10, 30, 2));
    cr_expect(is_untouched(0, 30));
}

Test(overlay, tint_mixes_inside_only)
{
    paint_square(1);
    draw((struct overlay){.tint = true});
    uint8_t colour[3];
    overlay_colour(0, colour);
    for (uint32_t c = 0; c < 3; c++) cr_expect_eq(rgb[(20 * WIDTH + 30) * 3 + c], (100 * 7 + colour[c] * 3) / 10);
    cr_expect(is_untouched(35, 30));
}

Test(overlay, dashes_leave_gaps_on_edges_of_any_direction)
{
    memset(rgb, 100, sizeof rgb);
    for (int slope = -2; slope <= 2; slope++) { // the edge runs along x = 30 + slope * (y - 20) / 2
        memset(rgb, 100, sizeof rgb);
        memset(labels, 0, sizeof labels);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < 30 + slope * (y - 20) / 2; x++) labels[y * WIDTH + x] = 1;
        draw((struct overlay){.dash = 4});
        uint32_t drawn = 0, gaps = 0;
        for (int y = 2; y < HEIGHT - 2; y++) {
            int x = 30 + slope * (y - 20) / 2 - 1;
            if (is_colour((uint32_t)y, (uint32_t)x, 0)) drawn++;
            else gaps++;
        }
        cr_expect(drawn >= 12 && gaps >= 12, "slope %d: %u drawn, %u not", slope, drawn, gaps);
    }
}

Test(overlay, legend_names_only_classes_that_occur)
{
    paint_square(1);
    draw((struct overlay){.legend = true});
    cr_expect(is_colour(9, 9, 0)); // the swatch
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) cr_expect_not(is_colour(y, x, 1) || is_colour(y, x, 2));
    memset(labels, 0, sizeof labels);
    memset(rgb, 100, sizeof rgb);
    draw((struct overlay){.legend = true});
    cr_expect(is_untouched(9, 9));
}

Test(overlay, tiny_pictures_are_safe)
{
    uint8_t guarded[3 + 3 + 3];
    memset(guarded, 0xa5, sizeof guarded);
    uint8_t label = 7;
    struct overlay overlay = {classes, 3, false, true, true, 2};
    cr_expect_eq(overlay_draw(NULL, guarded + 3, &label, 1, 1, &overlay), NEPHOS_OK);
    for (int i = 0; i < 3; i++) cr_expect(guarded[i] == 0xa5 && guarded[6 + i] == 0xa5);
}

Test(overlay, letters_count_characters_not_bytes)
{
    cr_expect_eq(letters_count("Flower"), 6);
    cr_expect_eq(letters_count("Grüße"), 5);
    cr_expect_eq(letters_count(""), 0);
}
