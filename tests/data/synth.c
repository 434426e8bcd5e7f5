// SPDX-License-Identifier: MIT
#include "common/folder.h"
#include "data/data.h"
#include "data/synth_noise.h"
#include "data/synth_scene.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(synth, .init = folder_setup, .fini = folder_teardown);

enum { IMAGES = 24, HEIGHT = 64, WIDTH = 96 };

static struct nephos_synth_params params_for(const char *name, uint64_t seed)
{
    return (struct nephos_synth_params){.out_dir = folder_file(name), .images = IMAGES, .height = HEIGHT, .width = WIDTH, .seed = seed};
}

static void make(const char *name, uint64_t seed)
{
    const struct nephos_synth_params params = params_for(name, seed);
    cr_assert_eq(nephos_synth(folder_log, &params), NEPHOS_OK, "%s", nephos_last_error(folder_log));
}

static int differing_files(const char *a, const char *b)
{
    static const char *const names[] = {"train.csv", "split.csv", "classes.txt", "images/cloud-000000.jpg", "images/cloud-000023.jpg"};
    int differing = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path_a[256], path_b[256];
        size_t size_a, size_b;
        snprintf(path_a, sizeof path_a, "%s/%s", folder_file(a), names[i]);
        snprintf(path_b, sizeof path_b, "%s/%s", folder_file(b), names[i]);
        uint8_t *data_a = folder_read(path_a, &size_a), *data_b = folder_read(path_b, &size_b);
        differing += size_a != size_b || memcmp(data_a, data_b, size_a) != 0;
        free(data_a);
        free(data_b);
    }
    return differing;
}

Test(synth, the_seed_decides_every_byte)
{
    make("a", 3);
    make("b", 3);
    make("c", 4);
    cr_expect_eq(differing_files("a", "b"), 0);
    cr_expect_eq(differing_files("a", "c"), 4, "all but classes.txt");
}

Test(synth, the_set_is_complete)
{
    make("a", 1);
    struct data_set *set;
    cr_assert_eq(data_set_open(folder_log, folder_file("a"), &set), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_eq(set->sample_count, IMAGES);
    cr_expect_eq(set->class_count, 4);
    cr_expect_str_eq(set->classes[0], "Fish");
    cr_expect(set->has_split);
    int val = 0, images_of[4] = {0};
    for (uint32_t i = 0; i < IMAGES; i++) {
        uint64_t bits;
        cr_assert_eq(data_set_classes_present(set, i, &bits), NEPHOS_OK);
        const int classes = __builtin_popcountll(bits);
        cr_expect(classes >= 1 && classes <= 3, "%s has %d classes", set->samples[i].name, classes);
        for (int c = 0; c < 4; c++) {
            images_of[c] += bits >> c & 1;
            cr_expect_neq(set->samples[i].rle_line[c], 0, "a row for every image and class");
        }
        val += set->samples[i].split == DATA_VAL;
    }
    cr_expect_eq(val, IMAGES / 4);
    for (int c = 0; c < 4; c++) cr_expect_geq(images_of[c], 4, "class %d is on %d images", c, images_of[c]);
    data_set_close(&set);
}

Test(synth, labels_mark_clouds_and_leave_out_the_black_band)
{
    static uint8_t rgb[HEIGHT * WIDTH * 3], mask[HEIGHT * WIDTH];
    double inside = 0, outside = 0;
    uint64_t inside_count = 0, outside_count = 0, black = 0;
    for (uint32_t image = 0; image < IMAGES; image++) {
        struct synth_scene scene;
        uint8_t any[HEIGHT * WIDTH] = {0};
        synth_scene_draw(&scene, 1, image);
        synth_scene_paint(&scene, HEIGHT, WIDTH, rgb);
        for (int c = 0; c < SYNTH_CLASSES; c++) {
            const bool present = synth_scene_mask(&scene, c, HEIGHT, WIDTH, mask);
            cr_expect_eq(present, scene.rectangle_count[c] > 0);
            for (size_t p = 0; p < sizeof mask; p++) any[p] |= mask[p];
        }
        for (size_t p = 0; p < sizeof mask; p++) {
            const bool dark = rgb[3 * p] + rgb[3 * p + 1] + rgb[3 * p + 2] == 0;
            black += dark;
            cr_expect_not(dark && any[p], "image %u: a label on black", image);
            if (any[p]) inside += rgb[3 * p], inside_count++;
            else outside += rgb[3 * p], outside_count++;
        }
    }
    cr_expect_gt(black, 0);
    cr_expect_gt(inside / (double)inside_count, 1.5 * outside / (double)outside_count);
}

Test(synth, every_class_leaves_gaps_and_only_sugar_is_thin)
{
    double mean[SYNTH_CLASSES] = {0}, dense[SYNTH_CLASSES] = {0};
    const int side = 160, count = 160 * 160;
    for (int c = 0; c < SYNTH_CLASSES; c++) {
        const struct synth_wind wind = {1, 0, 11};
        for (int i = 0; i < count; i++) {
            const double opacity = synth_cloud(c, i % side, i / side, 1, &wind);
            cr_assert(opacity >= 0 && opacity <= 1);
            mean[c] += opacity / count;
            dense[c] += (opacity > 0.72) / (double)count;
        }
        cr_expect(mean[c] > 0.05 && mean[c] < 0.6, "%s covers %.3f", synth_class_names[c], mean[c]);
    }
    cr_expect_eq(dense[3], 0, "Sugar is nowhere dense");
    for (int c = 0; c < 3; c++) cr_expect_gt(dense[c], 0.04, "%s: %.3f", synth_class_names[c], dense[c]);
}

Test(synth, an_existing_data_set_is_left_alone)
{
    make("a", 1);
    make("b", 1);
    const struct nephos_synth_params params = params_for("a", 2);
    cr_expect_eq(nephos_synth(folder_log, &params), NEPHOS_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "a/train.csv is there already"), "%s", nephos_last_error(folder_log));
    cr_expect_eq(differing_files("a", "b"), 0);
}

Test(synth, sizes_and_counts_are_checked)
{
    struct nephos_synth_params params = params_for("a", 1);
    params.images = 1;
    cr_expect_eq(nephos_synth(folder_log, &params), NEPHOS_ERROR_ARGUMENT);
    params = params_for("a", 1);
    params.height = 15;
    cr_expect_eq(nephos_synth(folder_log, &params), NEPHOS_ERROR_ARGUMENT);
    params = params_for("a", 1);
    params.width = 16385;
    cr_expect_eq(nephos_synth(folder_log, &params), NEPHOS_ERROR_ARGUMENT);
    params.out_dir = NULL;
    cr_expect_eq(nephos_synth(folder_log, &params), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(nephos_synth(folder_log, NULL), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(folder_count(), 0, "nothing was written");
}

Test(noise, values_stay_in_range_and_are_continuous)
{
    double previous = noise_octaves(-40, 3.3, 4, 9);
    for (int i = 1; i < 8000; i++) {
        const double value = noise_octaves(-40 + i * 0.01, 3.3, 4, 9);
        cr_assert(value >= 0 && value < 1);
        cr_assert_lt(value > previous ? value - previous : previous - value, 0.08);
        previous = value;
        const struct noise_cell cell = noise_cells(-40 + i * 0.01, 3.3, 9);
        cr_assert(cell.first <= cell.second && cell.first < 1.5);
    }
}
