// SPDX-License-Identifier: MIT
// Masks drawn as text: '#' is set.
#include "post/post.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE };

static void draw(uint8_t *mask, const char *const *rows)
{
    for (int i = 0; i < PIXELS; i++)
        mask[i] = rows[i / SIDE][i % SIDE] == '#';
}

static void expect(const uint8_t *mask, const char *const *rows, const char *what)
{
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++)
            cr_assert_eq(mask[y * SIDE + x], rows[y][x] == '#', "%s: row %d, column %d", what, y, x);
    }
}

static const char *const ring[SIDE] = {
    "####....", "#..#..##", "#..#..##", ".##.....", "......##", "#.....#.", ".#....#.", "......##",
};

Test(post, components_are_numbered_by_their_first_pixel)
{
    uint8_t mask[PIXELS];
    struct post_components c;
    draw(mask, ring);
    cr_assert_eq(post_components_find(NULL, mask, SIDE, SIDE, true, POST_8, &c), NEPHOS_OK);
    cr_assert_eq(c.count, 4, "ring, square, bracket, diagonal");
    cr_assert_eq(c.labels[0], 1);
    cr_assert_eq(c.labels[3 * SIDE + 1], 1, "by a corner");
    cr_assert_eq(c.labels[1 * SIDE + 6], 2);
    cr_assert_eq(c.labels[4 * SIDE + 6], 3);
    cr_assert_eq(c.labels[5 * SIDE + 0], 4);
    cr_assert_eq(c.labels[6 * SIDE + 1], 4);
    cr_assert_eq(c.labels[1 * SIDE + 1], 0);
    post_components_free(&c);
    cr_assert_eq(post_components_find(NULL, mask, SIDE, SIDE, true, POST_4, &c), NEPHOS_OK);
    cr_assert_eq(c.count, 6, "a corner does not connect");
    post_components_free(&c);
    cr_assert_eq(post_components_find(NULL, mask, SIDE, SIDE, false, POST_4, &c), NEPHOS_OK);
    cr_assert_eq(c.count, 3, "outside, the hole, and what bracket and border enclose");
    post_components_free(&c);
}

// Spreads from the first pixel until nothing changes.
static void spread(const uint8_t *mask, int first, bool corners, uint8_t *reached)
{
    memset(reached, 0, PIXELS);
    reached[first] = 1;
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < PIXELS; i++) {
            for (int dy = -1; dy <= 1 && mask[i] && !reached[i]; dy++) {
                for (int dx = -1; dx <= 1; dx++) {
                    const int y = i / SIDE + dy, x = i % SIDE + dx;
                    if (y < 0 || y >= SIDE || x < 0 || x >= SIDE || (!corners && dy != 0 && dx != 0) || !reached[y * SIDE + x]) continue;
                    reached[i] = 1;
                    again = true;
                    break;
                }
            }
        }
    }
}

Test(post, components_are_what_spreading_reaches)
{
    uint64_t seed = 1;
    for (int round = 0; round < 300; round++) {
        uint8_t mask[PIXELS], reached[PIXELS];
        for (int i = 0; i < PIXELS; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            mask[i] = (seed >> 33) % 100 < 35u + round % 40;
        }
        for (int corners = 0; corners < 2; corners++) {
            struct post_components c;
            cr_assert_eq(post_components_find(NULL, mask, SIDE, SIDE, true, corners ? POST_8 : POST_4, &c), NEPHOS_OK);
            for (int first = 0; first < PIXELS; first++) {
                cr_assert_eq(c.labels[first] != 0, mask[first]);
                if (!mask[first]) continue;
                spread(mask, first, corners, reached);
                for (int i = 0; i < PIXELS; i++)
                    cr_assert_eq(c.labels[i] == c.labels[first], reached[i], "round %d, from %d, at %d", round, first, i);
            }
            post_components_free(&c);
        }
    }
}

Test(post, holes_are_what_has_no_way_to_the_border)
{
    static const char *const filled[SIDE] = {
        "####....", "####..##", "####..##", ".##.....", "......##", "#.....#.", ".#....#.", "......##",
    };
    uint8_t mask[PIXELS];
    draw(mask, ring);
    cr_assert_eq(post_fill_holes(NULL, mask, SIDE, SIDE), NEPHOS_OK);
    expect(mask, filled, "filled");
    cr_assert_eq(post_fill_holes(NULL, mask, 0, SIDE), NEPHOS_OK);
    uint8_t line[3] = {1, 0, 1};
    cr_assert_eq(post_fill_holes(NULL, line, 1, 3), NEPHOS_OK);
    cr_assert_eq(line[1], 0, "all of a line is border");
}

Test(post, components_below_the_area_go)
{
    static const char *const large[SIDE] = {
        "####....", "#..#....", "#..#....", ".##.....", "......##", "......#.", "......#.", "......##",
    };
    uint8_t mask[PIXELS], again[PIXELS];
    draw(mask, ring);
    cr_assert_eq(post_drop_small(NULL, mask, SIDE, SIDE, 5, 0), NEPHOS_OK);
    expect(mask, large, "5 of 64");
    draw(again, ring);
    cr_assert_eq(post_drop_small(NULL, again, SIDE, SIDE, 20, 4 * PIXELS), NEPHOS_OK);
    expect(again, large, "20 of 256 are 5 of 64");
    cr_assert_eq(post_drop_small(NULL, again, SIDE, SIDE, 6, 0), NEPHOS_OK);
    expect(again, large, "6 pixels are not fewer than 6");
    draw(again, ring);
    cr_assert_eq(post_drop_small(NULL, again, SIDE, SIDE, 1, 0), NEPHOS_OK);
    expect(again, ring, "one pixel has every component");
    draw(again, ring);
    cr_assert_eq(post_drop_small(NULL, again, SIDE, SIDE, 1, PIXELS / 4), NEPHOS_OK);
    cr_assert(again[1 * SIDE + 6] && !again[5 * SIDE], "1 of 16 is 4 of 64: the square stays, the diagonal of 2 goes");
}

Test(post, shapes_by_hand)
{
    static const char *const hulls[SIDE] = {
        "####....", "####..##", "####..##", ".##.....", "......##", "#.....##", ".#....##", "......##",
    };
    static const char *const rectangles[SIDE] = {
        "####....", "####..##", "####..##", "####....", "......##", "##....##", "##....##", "......##",
    };
    uint8_t mask[PIXELS];
    draw(mask, ring);
    cr_assert_eq(post_set_shape(NULL, mask, SIDE, SIDE, POST_SHAPE_NONE), NEPHOS_OK);
    expect(mask, ring, "none");
    cr_assert_eq(post_set_shape(NULL, mask, SIDE, SIDE, POST_SHAPE_CONVEX), NEPHOS_OK);
    expect(mask, hulls, "convex");
    draw(mask, ring);
    cr_assert_eq(post_set_shape(NULL, mask, SIDE, SIDE, POST_SHAPE_RECTANGLE), NEPHOS_OK);
    expect(mask, rectangles, "rectangle");
}

// p is in the hull of the set pixels unless a line through two of them, or through one, parts it from all.
static bool in_hull(const uint8_t *mask, int p)
{
    const int py = p / SIDE, px = p % SIDE;
    for (int dy = -SIDE; dy <= SIDE; dy++) {
        for (int dx = -SIDE; dx <= SIDE; dx++) {
            bool parted = true;
            for (int i = 0; i < PIXELS && parted; i++)
                parted = !mask[i] || (i / SIDE - py) * dy + (i % SIDE - px) * dx > 0;
            if (parted) return false;
        }
    }
    return true;
}

// Normals of a hull's sides are differences of pixels, which in_hull tries all.
Test(post, convex_is_the_hull_of_pixel_centres)
{
    uint64_t seed = 3;
    for (int round = 0; round < 200; round++) {
        uint8_t mask[PIXELS] = {0}, shaped[PIXELS];
        int y = SIDE / 2, x = SIDE / 2;
        for (int step = 0; step < 4 + round % 20; step++) { // a walk is one component
            mask[y * SIDE + x] = 1;
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            y += (int)((seed >> 33) % 3) - 1;
            x += (int)((seed >> 43) % 3) - 1;
            y = y < 0 ? 0 : y >= SIDE ? SIDE - 1 : y;
            x = x < 0 ? 0 : x >= SIDE ? SIDE - 1 : x;
        }
        memcpy(shaped, mask, sizeof mask);
        cr_assert_eq(post_set_shape(NULL, shaped, SIDE, SIDE, POST_SHAPE_CONVEX), NEPHOS_OK);
        for (int i = 0; i < PIXELS; i++)
            cr_assert_eq(shaped[i], in_hull(mask, i), "round %d, pixel %d", round, i);
    }
}

Test(post, a_rule_fills_before_it_counts_and_shapes_what_is_left)
{
    static const char *const expected[SIDE] = {
        "####....", "####....", "####....", "####....", "........", "........", "........", "........",
    };
    const struct post_rule rule = {.min_area = 13, .frame = PIXELS, .shape = POST_SHAPE_RECTANGLE, .fill_holes = true};
    uint8_t masks[2][PIXELS];
    draw(masks[0], ring);
    draw(masks[1], ring);
    cr_assert_eq(post_masks(NULL, &rule, masks[0], 2, SIDE, SIDE), NEPHOS_OK); // 14 pixels with the hole, 10 without
    expect(masks[0], expected, "first");
    expect(masks[1], expected, "second");
}

Test(post, shapes_have_names)
{
    enum post_shape shape = POST_SHAPE_CONVEX;
    cr_assert_eq(post_shape_parse(NULL, NULL, &shape), NEPHOS_OK);
    cr_assert_eq(shape, POST_SHAPE_NONE);
    cr_assert_eq(post_shape_parse(NULL, "rectangle", &shape), NEPHOS_OK);
    cr_assert_eq(shape, POST_SHAPE_RECTANGLE);
    cr_assert_eq(post_shape_parse(NULL, "Convex", &shape), NEPHOS_ERROR_ARGUMENT);
    cr_assert_eq(shape, POST_SHAPE_RECTANGLE, "unchanged");
}
