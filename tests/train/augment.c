// SPDX-License-Identifier: MIT
// Records of the augmentation: what they depend on, that each setting does what it says, and nothing else.
#include "train/augment_colour.h"
#include "train/augment_draw.h"
#include "train/config.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct nephos_log *test_log;
static struct nephos_config *config;

static void open_config(void)
{
    cr_assert_eq(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &test_log), NEPHOS_OK);
    cr_assert_eq(nephos_config_create(test_log, &config), NEPHOS_OK);
    cr_assert_eq(nephos_config_set(config, "data", "x"), NEPHOS_OK);
    cr_assert_eq(nephos_config_set(config, "out", "x"), NEPHOS_OK);
}

static void close_config(void)
{
    nephos_config_destroy(&config);
    nephos_log_destroy(&test_log);
}

TestSuite(augment, .init = open_config, .fini = close_config);

static void set(const char *name, const char *value)
{
    cr_assert_eq(nephos_config_set(config, name, value), NEPHOS_OK, "%s", nephos_last_error(test_log));
}

static struct train_augment resolve(void)
{
    struct train_settings settings;
    cr_assert_eq(config_resolve(config, &settings), NEPHOS_OK, "%s", nephos_last_error(test_log));
    return settings.augment;
}

#define HEIGHT 48
#define WIDTH 64

static struct augment_record draw(uint64_t seed, uint32_t epoch, uint32_t sample)
{
    const struct train_augment settings = resolve();
    const struct augment_source source = {&settings, TRAIN_FLIP_NONE, seed, epoch, HEIGHT, WIDTH};
    struct augment_record record;
    augment_draw(&source, sample, &record);
    return record;
}

static bool same(const struct augment_record *a, const struct augment_record *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

Test(augment, depends_on_seed_epoch_and_sample_alone)
{
    set("augment", "strong");
    const struct augment_record one = draw(1, 2, 3), again = draw(1, 2, 3);
    cr_assert(same(&one, &again));
    for (uint32_t k = 1; k < 20; k++) {
        const struct augment_record seed = draw(1 + k, 2, 3), epoch = draw(1, 2 + k, 3), sample = draw(1, 2, 3 + k);
        cr_assert(!same(&one, &seed) && !same(&one, &epoch) && !same(&one, &sample));
    }
}

Test(augment, is_the_same_whatever_the_batch)
{
    set("augment", "strong");
    set("augment-cutmix-p", "0.5");
    const struct train_augment settings = resolve();
    const struct augment_source source = {&settings, TRAIN_FLIP_HV, 1, 2, HEIGHT, WIDTH};
    struct augment_record a[3], b[2];
    augment_draw_batch(&source, (uint32_t[]){5, 6, 7}, 3, a);
    augment_draw_batch(&source, (uint32_t[]){7, 5}, 2, b);
    a[0].partner = a[2].partner = b[0].partner = b[1].partner = 0;
    cr_assert(same(&a[0], &b[1]) && same(&a[2], &b[0]));
}

Test(augment, none_is_off_and_the_other_presets_are_on)
{
    struct train_augment settings = resolve();
    cr_assert_not(augment_is_on(&settings));
    const char *const presets[] = {"light", "clouds", "strong"};
    for (size_t i = 0; i < ARRAY_COUNT(presets); i++) {
        set("augment", presets[i]);
        settings = resolve();
        cr_assert(augment_is_on(&settings) && !augment_mixes(&settings), "%s", presets[i]);
    }
}

Test(augment, a_setting_wins_over_the_preset)
{
    set("augment", "clouds");
    const struct train_augment preset = resolve();
    set("augment-rotate", "75");
    set("augment-grid-p", "0");
    const struct train_augment settings = resolve();
    cr_assert_eq(settings.rotate, 75);
    cr_assert_eq(settings.grid_p, 0);
    cr_assert_eq(settings.rotate_p, preset.rotate_p);
    cr_assert_eq(settings.scale, preset.scale);
    set("augment-rotate", "preset");
    cr_assert_eq(resolve().rotate, preset.rotate);
}

Test(augment, bad_values_are_told_with_what_is_allowed)
{
    cr_assert_eq(nephos_config_set(config, "augment-rotate-p", "1.5"), NEPHOS_ERROR_ARGUMENT);
    cr_assert(strstr(nephos_last_error(test_log), "a number from 0 to 1, or preset"), "%s", nephos_last_error(test_log));
    cr_assert_eq(nephos_config_set(config, "augment", "cloud"), NEPHOS_ERROR_ARGUMENT);
    cr_assert(strstr(nephos_last_error(test_log), "clouds"), "%s", nephos_last_error(test_log));
    cr_assert_eq(nephos_config_set(config, "augment-rotation", "1"), NEPHOS_ERROR_ARGUMENT);
    cr_assert(strstr(nephos_last_error(test_log), "augment-rotate"), "%s", nephos_last_error(test_log));
}

// Which part of a record a probability is for.
static const struct {
    const char *probability;
    uint32_t flag; // that it sets; 0: it changes the affine map
} kinds[] = {
    {"augment-turn-p", 0},
    {"augment-shift-p", 0},
    {"augment-scale-p", 0},
    {"augment-rotate-p", 0},
    {"augment-crop-p", 0},
    {"augment-grid-p", AUGMENT_GRID},
    {"augment-elastic-p", AUGMENT_ELASTIC},
    {"augment-brightness-p", AUGMENT_COLOUR},
    {"augment-contrast-p", AUGMENT_COLOUR},
    {"augment-gamma-p", AUGMENT_GAMMA},
    {"augment-hue-p", AUGMENT_COLOUR},
    {"augment-saturation-p", AUGMENT_COLOUR},
    {"augment-shuffle-p", AUGMENT_COLOUR},
    {"augment-gray-p", AUGMENT_COLOUR},
    {"augment-noise-p", AUGMENT_NOISE},
    {"augment-blur-p", AUGMENT_BLUR},
    {"augment-dropout-p", AUGMENT_HOLES},
    {"augment-mixup-p", AUGMENT_MIXUP},
    {"augment-cutmix-p", AUGMENT_CUTMIX},
};

static bool moves(const struct augment_record *record)
{
    return memcmp(record->affine, (const float[6]){1, 0, 0, 0, 1, 0}, sizeof record->affine) != 0;
}

Test(augment, each_probability_is_for_its_own_change_and_no_other)
{
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        set(kinds[i].probability, "1");
        const struct augment_record record = draw(1, 2, 3);
        const struct train_augment settings = resolve();
        cr_expect_eq(record.flags, kinds[i].flag, "%s", kinds[i].probability);
        cr_expect_eq(augment_changes(&settings), kinds[i].flag, "%s", kinds[i].probability);
        cr_expect_eq(moves(&record), kinds[i].flag == 0, "%s", kinds[i].probability);
        cr_expect(augment_is_on(&settings), "%s", kinds[i].probability);
        set(kinds[i].probability, "0");
    }
}

Test(augment, happens_as_often_as_its_probability_says)
{
    enum { COUNT = 2000 };
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        uint32_t changed = 0;
        set(kinds[i].probability, "0.3");
        const struct train_augment settings = resolve();
        const struct augment_source source = {&settings, TRAIN_FLIP_NONE, 9, 1, HEIGHT, WIDTH};
        for (uint32_t k = 0; k < COUNT; k++) {
            struct augment_record record;
            augment_draw(&source, k, &record);
            changed += record.flags || moves(&record);
        }
        set(kinds[i].probability, "0");
        // four standard deviations: sqrt(0.3 0.7 / 2000) = 0.0102
        cr_expect_float_eq(changed / (double)COUNT, 0.3, 0.041, "%s: %g", kinds[i].probability, changed / (double)COUNT);
    }
}

Test(augment, one_change_leaves_the_numbers_of_others)
{
    set("augment-rotate-p", "1");
    const struct augment_record alone = draw(1, 2, 3);
    set("augment-grid-p", "1");
    set("augment-brightness-p", "1");
    const struct augment_record both = draw(1, 2, 3);
    cr_assert_eq(memcmp(alone.affine, both.affine, sizeof both.affine), 0);
    cr_assert_eq(both.flags, AUGMENT_GRID | AUGMENT_COLOUR);
}

Test(augment, flips_are_those_of_a_run_without)
{
    const struct train_augment settings = resolve();
    const struct augment_source source = {&settings, TRAIN_FLIP_HV, 4, 5, HEIGHT, WIDTH};
    uint32_t seen = 0;
    for (uint32_t sample = 0; sample < 32; sample++) {
        struct augment_record record;
        const uint32_t flips = augment_flips(&source, sample);
        augment_draw(&source, sample, &record);
        const float want[6] = {flips & 1 ? -1 : 1, 0, flips & 1 ? WIDTH - 1 : 0, 0, flips & 2 ? -1 : 1, flips & 2 ? HEIGHT - 1 : 0};
        for (int i = 0; i < 6; i++)
            cr_assert_eq(record.affine[i], want[i]);
        seen |= 1u << flips;
    }
    cr_assert_eq(seen, 15, "all four occur");
}

// Of a rotation, a scale and a shift about the middle.
static double angle(const struct augment_record *r)
{
    return atan2((double)r->affine[1], (double)r->affine[0]) * 180 / acos(-1.0);
}

static double size_factor(const struct augment_record *r)
{
    return 1 / hypot((double)r->affine[0], (double)r->affine[1]);
}

static double middle_moves(const struct augment_record *r, int axis)
{
    const double x = (WIDTH - 1) / 2.0, y = (HEIGHT - 1) / 2.0;
    const float *row = r->affine + 3 * axis;
    return (double)row[0] * x + (double)row[1] * y + (double)row[2] - (axis ? y : x);
}

static void expect_range(double (*measure)(const struct augment_record *r), double low, double high)
{
    double least = INFINITY, most = -INFINITY;
    for (uint32_t sample = 0; sample < 200; sample++) {
        const struct augment_record record = draw(3, 0, sample);
        least = fmin(least, measure(&record));
        most = fmax(most, measure(&record));
    }
    const double slack = (high - low) / 20; // 200 uniform numbers miss a twentieth at an end once in 28000 times
    cr_expect(least >= low - 1e-5 && least < low + slack, "%g, allowed from %g", least, low);
    cr_expect(most <= high + 1e-5 && most > high - slack, "%g, allowed to %g", most, high);
}

static double moves_right(const struct augment_record *r)
{
    return -middle_moves(r, 0);
}

static double moves_down(const struct augment_record *r)
{
    return -middle_moves(r, 1);
}

Test(augment, places_change_within_the_ranges_set)
{
    set("augment-rotate-p", "1");
    set("augment-rotate", "30");
    expect_range(angle, -30, 30);
    set("augment-rotate-p", "0");
    set("augment-scale-p", "1");
    set("augment-scale", "0.4");
    expect_range(size_factor, 0.6, 1.4);
    set("augment-scale-p", "0");
    set("augment-shift-p", "1");
    set("augment-shift", "0.25");
    expect_range(moves_right, -16, 16);
    expect_range(moves_down, -12, 12);
    set("augment-shift-p", "0");
    set("augment-crop-p", "1");
    set("augment-crop", "0.5");
    expect_range(size_factor, 1, 2);
}

static double left_of_crop(const struct augment_record *r)
{
    return (double)r->affine[2] - ((double)r->affine[0] - 1) / 2; // of the corner
}

static double right_of_crop(const struct augment_record *r)
{
    return left_of_crop(r) + (double)r->affine[0] * WIDTH;
}

Test(augment, a_crop_stays_inside_the_image)
{
    set("augment-crop-p", "1");
    set("augment-crop", "0.3");
    for (uint32_t sample = 0; sample < 200; sample++) {
        const struct augment_record record = draw(3, 0, sample);
        cr_assert(left_of_crop(&record) > -1e-4 && right_of_crop(&record) < WIDTH + 1e-4);
        cr_assert_eq(record.affine[0], record.affine[4], "both sides alike");
    }
}

Test(augment, turns_of_squares_are_exact)
{
    const struct train_augment settings = {.turn_p = 1};
    const struct augment_source source = {&settings, TRAIN_FLIP_NONE, 4, 5, 33, 33};
    uint32_t seen = 0;
    for (uint32_t sample = 0; sample < 32; sample++) {
        struct augment_record r;
        augment_draw(&source, sample, &r);
        const float *a = r.affine;
        const float turns[3][6] = {{0, 1, 0, -1, 0, 32}, {-1, 0, 32, 0, -1, 32}, {0, -1, 32, 1, 0, 0}};
        for (uint32_t k = 0; k < 3; k++) {
            bool equal = true;
            for (int i = 0; i < 6; i++)
                equal &= a[i] == turns[k][i];
            seen |= (uint32_t)equal << k;
        }
    }
    cr_assert_eq(seen, 7);
}

Test(augment, grids_grow_from_side_to_side)
{
    set("augment-grid-p", "1");
    set("augment-grid", "0.9");
    set("augment-grid-cells", "10");
    for (uint32_t sample = 0; sample < 50; sample++) {
        const struct augment_record r = draw(1, 1, sample);
        cr_assert(r.grid_cells == 10 && r.grid_x[0] == 0 && r.grid_x[10] == WIDTH && r.grid_y[10] == HEIGHT);
        for (int i = 0; i < 10; i++)
            cr_assert(r.grid_x[i + 1] > r.grid_x[i] && r.grid_y[i + 1] > r.grid_y[i]);
    }
}

Test(augment, holes_and_cutmix_lie_inside_the_image)
{
    set("augment-dropout-p", "1");
    set("augment-dropout", "0.5");
    set("augment-dropout-holes", "16");
    set("augment-cutmix-p", "1");
    uint32_t most = 0;
    for (uint32_t sample = 0; sample < 100; sample++) {
        const struct augment_record r = draw(1, 1, sample);
        cr_assert(r.cutmix[0] <= r.cutmix[2] && r.cutmix[2] <= WIDTH && r.cutmix[1] <= r.cutmix[3] && r.cutmix[3] <= HEIGHT);
        for (uint32_t i = 0; i < r.hole_count; i++) {
            const uint32_t *h = &r.holes[4 * i];
            cr_assert(h[0] <= h[2] && h[2] <= WIDTH && h[2] - h[0] <= WIDTH / 2 + 1);
            cr_assert(h[1] <= h[3] && h[3] <= HEIGHT && h[3] - h[1] <= HEIGHT / 2 + 1);
        }
        most = r.hole_count > most ? r.hole_count : most;
    }
    cr_assert_eq(most, 16);
}

static void apply(const struct colour_map *map, const double from[3], double to[3])
{
    for (int i = 0; i < 3; i++)
        to[i] = map->m[i][0] * from[0] + map->m[i][1] * from[1] + map->m[i][2] * from[2] + map->m[i][3];
}

Test(augment, colours_change_as_their_names_say)
{
    const double grey[3] = {90, 90, 90}, red[3] = {200, 30, 60}, light = 0.299 * 200 + 0.587 * 30 + 0.114 * 60;
    double to[3];
    struct colour_map map = COLOUR_IDENTITY;
    colour_turn_hue(&map, 73);
    apply(&map, grey, to);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(to[i], 90, 1e-3, "greys have no hue");
    apply(&map, red, to);
    cr_expect_float_eq(0.299 * to[0] + 0.587 * to[1] + 0.114 * to[2], light, 1e-3, "lightness stays");
    cr_expect(to[1] > to[0], "red turns towards green");
    colour_turn_hue(&map, -73);
    apply(&map, red, to);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(to[i], red[i], 1e-2, "and back");
    map = (struct colour_map)COLOUR_IDENTITY;
    colour_saturate(&map, 0);
    apply(&map, red, to);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(to[i], light, 1e-9);
    map = (struct colour_map)COLOUR_IDENTITY;
    colour_contrast(&map, 2);
    colour_brighten(&map, 5);
    apply(&map, red, to);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(to[i], 127.5 + 2 * (red[i] - 127.5) + 5, 1e-9);
    map = (struct colour_map)COLOUR_IDENTITY;
    colour_shuffle(&map, 3);
    apply(&map, red, to);
    cr_expect(to[0] == 30 && to[1] == 60 && to[2] == 200);
}

Test(augment, partners_are_others_and_shares_the_larger_ones)
{
    enum { COUNT = 5 };
    set("augment-mixup-p", "1");
    const struct train_augment settings = resolve();
    uint32_t seen[COUNT] = {0};
    for (uint32_t epoch = 0; epoch < 60; epoch++) {
        const struct augment_source source = {&settings, TRAIN_FLIP_NONE, 4, epoch, HEIGHT, WIDTH};
        struct augment_record r[COUNT];
        augment_draw_batch(&source, (uint32_t[COUNT]){10, 11, 12, 13, 14}, COUNT, r);
        for (uint32_t i = 0; i < COUNT; i++) {
            cr_assert(r[i].flags == AUGMENT_MIXUP && r[i].share >= 0.5f && r[i].share <= 1 && r[i].partner < COUNT);
            seen[i] |= 1u << r[i].partner;
        }
        augment_draw_batch(&source, (uint32_t[]){10}, 1, r);
        cr_assert_eq(r[0].flags, 0, "nobody to mix with");
    }
    for (uint32_t i = 0; i < COUNT; i++)
        cr_assert_eq(seen[i], 31u ^ 1u << i);
}

Test(augment, what_cannot_be_mixed_is_refused)
{
    const struct train_augment mixup = {.mixup_p = 0.5f}, cutmix = {.cutmix_p = 0.5f}, neither = {.turn_p = 1};
    cr_expect_eq(augment_check(test_log, &mixup, true, 4), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(test_log), "--augment-cutmix-p"));
    cr_expect_eq(augment_check(test_log, &mixup, false, 1), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(augment_check(test_log, &mixup, false, 4), NEPHOS_OK);
    cr_expect_eq(augment_check(test_log, &cutmix, true, 4), NEPHOS_OK);
    cr_expect_eq(augment_check(test_log, &neither, true, 1), NEPHOS_OK);
}
