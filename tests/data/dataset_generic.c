// SPDX-License-Identifier: MIT
#include "common/folder.h"
#include "data/make_set.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(generic, .init = folder_setup, .fini = folder_teardown);

static const uint8_t index_mask[6] = {0, 1, 2, 2, 255, 1};
static const uint8_t bit_mask[6] = {0, 1, 2, 3, 0, 1};

static void make_indexed(void)
{
    make_file("classes.txt", "undefined\nsky\ncloud\n");
    make_file("images/b.jpg", "");
    make_file("images/a.jpeg", "");
    make_png("masks/a.png", index_mask, 2, 3);
    make_png("masks/b.PNG", index_mask, 3, 2);
}

Test(generic, masks_hold_class_indices)
{
    make_indexed();
    struct data_set *set = open_set();
    uint8_t labels[6];
    uint64_t bits;
    cr_expect(set->exclusive);
    cr_expect_eq(set->class_count, 3);
    cr_assert_eq(set->sample_count, 2);
    cr_expect_str_eq(set->samples[0].name, "a.jpeg");
    cr_assert_eq(data_set_labels(set, 0, 2, 3, labels), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_arr_eq(labels, index_mask, 6);
    cr_assert_eq(data_set_classes_present(set, 1, &bits), NEPHOS_OK);
    cr_expect_eq(bits, 7, "ignored pixels are no class");
    data_set_close(&set);
}

Test(generic, bit_masks_hold_a_bit_per_class)
{
    make_file("classes.txt", "Fish\nSugar\n");
    make_file("images/a.jpg", "");
    make_png("masks_bits/a.png", bit_mask, 2, 3);
    struct data_set *set = open_set();
    uint8_t labels[6];
    uint64_t bits;
    cr_expect_not(set->exclusive);
    cr_assert_eq(data_set_labels(set, 0, 2, 3, labels), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_arr_eq(labels, bit_mask, 6);
    cr_assert_eq(data_set_classes_present(set, 0, &bits), NEPHOS_OK);
    cr_expect_eq(bits, 3);
    data_set_close(&set);
}

Test(generic, masks_of_another_size_or_with_unknown_values_are_refused)
{
    make_indexed();
    struct data_set *set = open_set();
    uint8_t labels[6];
    cr_expect_eq(data_set_labels(set, 0, 3, 2, labels), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "masks/a.png: is 2 x 3, its image a.jpeg is 3 x 2"), "%s",
                       nephos_last_error(folder_log));
    data_set_close(&set);
    make_file("classes.txt", "undefined\nsky\n");
    set = open_set();
    cr_expect_eq(data_set_labels(set, 0, 2, 3, labels), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "masks/a.png: row 0, column 2: value 2; with 2 classes"), "%s",
                       nephos_last_error(folder_log));
    data_set_close(&set);
}

static void count_message(void *user, enum nephos_log_level level, const char *message)
{
    if (level == NEPHOS_LOG_WARN && strstr(message, "hold only 0 and 255")) ++*(int *)user;
}

Test(generic, black_and_white_masks_are_warned_of)
{
    static const uint8_t black[6] = {0}, white[6] = {0, 255, 0, 0, 255, 255};
    int warnings = 0;
    nephos_log_destroy(&folder_log);
    cr_assert_eq(nephos_log_create(count_message, &warnings, NEPHOS_LOG_WARN, &folder_log), NEPHOS_OK);
    make_indexed();
    make_png("masks/a.png", black, 2, 3);
    struct data_set *set = open_set();
    data_set_close(&set);
    cr_expect_eq(warnings, 0, "b.PNG has indices");
    make_png("masks/b.PNG", white, 3, 2);
    set = open_set();
    data_set_close(&set);
    cr_expect_eq(warnings, 1);
}

Test(generic, incomplete_folders_are_refused)
{
    expect_open_fails("no data set; expected train.csv");
    make_indexed();
    cr_assert_eq(remove(folder_file("masks/b.PNG")), 0);
    expect_open_fails("images/b.jpg: has no mask; expected");
    cr_assert_eq(remove(folder_file("images/b.jpg")), 0);
    make_file("images/a.jpg", "");
    expect_open_fails("a.jpeg and a.jpg differ in their extension only");
    cr_assert_eq(remove(folder_file("images/a.jpg")), 0);
    make_file("classes.txt", "cloud\n");
    expect_open_fails("classes.txt: names one class");
    cr_assert_eq(remove(folder_file("classes.txt")), 0);
    expect_open_fails("classes.txt: missing");
    make_file("classes.txt", "a\nb\n");
    cr_assert_eq(remove(folder_file("images/a.jpeg")), 0);
    expect_open_fails("images: no .jpg");
    make_png("masks_bits/a.png", bit_mask, 2, 3);
    expect_open_fails("has both masks/ and masks_bits/");
}

Test(generic, train_csv_wins_over_masks)
{
    make_indexed();
    make_file("train.csv", "Image_Label,EncodedPixels\nb.jpg_cloud,1 1\n");
    struct data_set *set = open_set();
    cr_expect_not(set->exclusive);
    cr_expect_eq(set->sample_count, 1);
    data_set_close(&set);
}

Test(generic, paths_become_samples_without_labels)
{
    make_file("x/b.jpg", "");
    make_file("x/c.png", "");
    make_file("x/notes.txt", "");
    make_file("a.dat", "");
    const char *paths[] = {folder_file("x"), folder_file("a.dat")};
    struct data_set *set;
    uint8_t labels[1];
    uint64_t bits;
    cr_assert_eq(data_set_from_paths(folder_log, paths, 2, &set), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_assert_eq(set->sample_count, 3);
    cr_expect_str_eq(set->samples[0].name, "a.dat");
    cr_expect_str_eq(set->samples[0].path, paths[1]);
    cr_expect_str_eq(set->samples[2].name, "c.png");
    cr_expect_eq(data_set_labels(set, 0, 1, 1, labels), NEPHOS_ERROR_DATA);
    cr_expect_eq(data_set_classes_present(set, 0, &bits), NEPHOS_ERROR_DATA);
    data_set_close(&set);
}

Test(generic, paths_that_are_missing_empty_or_alike_are_refused)
{
    make_file("x/b.jpg", "");
    make_file("y/b.png", "");
    make_file("z/notes.txt", "");
    const char *alike[] = {folder_file("x"), folder_file("y/b.png")}, *empty[] = {folder_file("z")}, *missing[] = {folder_file("none")};
    struct data_set *set = NULL;
    cr_expect_eq(data_set_from_paths(folder_log, alike, 2, &set), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "have the same name"));
    cr_expect_eq(data_set_from_paths(folder_log, empty, 1, &set), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "z: no .jpg"));
    cr_expect_eq(data_set_from_paths(folder_log, missing, 1, &set), NEPHOS_ERROR_FILE);
    cr_expect_eq(data_set_from_paths(folder_log, NULL, 0, &set), NEPHOS_ERROR_DATA);
    cr_expect_null(set);
}
