// SPDX-License-Identifier: MIT
#include "base/file.h"
#include "common/folder.h"
#include "data/make_set.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "Image_Label,EncodedPixels\n"

static int warnings;
static char last_warning[512];

static void count_warnings(void *user, enum nephos_log_level level, const char *message)
{
    (void)user;
    if (level != NEPHOS_LOG_WARN) return;
    warnings++;
    snprintf(last_warning, sizeof last_warning, "%s", message);
}

static void setup(void)
{
    folder_setup();
    nephos_log_destroy(&folder_log);
    cr_assert_eq(nephos_log_create(count_warnings, NULL, NEPHOS_LOG_WARN, &folder_log), NEPHOS_OK);
    make_file("images/a.jpg", "");
    make_file("images/b.png", "");
}

TestSuite(competition, .init = setup, .fini = folder_teardown);

Test(competition, rows_become_samples_in_name_order)
{
    make_file("train.csv", HEADER "b.png_Sugar,1 2\nb.png_Fish,\na.jpg_Fish,3 1 \na.jpg_Sugar,\"5 1\"\n");
    struct data_set *set = open_set();
    cr_assert_eq(set->sample_count, 2);
    cr_assert_eq(set->class_count, 2);
    cr_expect_str_eq(set->classes[0], "Sugar", "without classes.txt, the order of first appearance");
    cr_expect_str_eq(set->classes[1], "Fish");
    cr_expect_not(set->exclusive);
    cr_expect_not(set->has_split);
    cr_expect_str_eq(set->samples[0].name, "a.jpg");
    cr_expect(base_file_exists(set->samples[0].path));
    cr_expect_str_eq(set->samples[0].rle[0], "5 1");
    cr_expect_eq(set->samples[0].rle_line[0], 5);
    cr_expect_str_eq(set->samples[1].rle[1], "");
    cr_expect_eq(set->samples[1].rle_line[1], 3);
    cr_expect_eq(warnings, 0, "%s", last_warning);
    data_set_close(&set);
    cr_expect_null(set);
}

Test(competition, labels_are_a_bit_per_class)
{
    static const uint8_t expected[6] = {3, 0, 0, 1, 2, 2}; // 2 x 3, class 1 on "1 1 4 1 6 1", class 0 on "1 2"
    make_file("classes.txt", "Fish\r\nSugar\r\n");
    make_file("train.csv", HEADER "a.jpg_Fish,1 2\na.jpg_Sugar,1 1 4 1 6 1\n");
    struct data_set *set = open_set();
    uint8_t labels[6];
    uint64_t bits;
    cr_assert_eq(data_set_labels(set, 0, 2, 3, labels), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_arr_eq(labels, expected, 6);
    cr_assert_eq(data_set_classes_present(set, 0, &bits), NEPHOS_OK);
    cr_expect_eq(bits, 3);
    cr_expect_eq(data_set_labels(set, 0, 1, 3, labels), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "train.csv:3: image a.jpg (1 x 3), class Sugar: run 2"), "%s",
                       nephos_last_error(folder_log));
    data_set_close(&set);
}

Test(competition, classes_txt_gives_the_order)
{
    make_file("classes.txt", "Fish\nSugar\n\n");
    make_file("train.csv", HEADER "a.jpg_Sugar,\na.jpg_Fish,1 1\n");
    struct data_set *set = open_set();
    cr_expect_eq(set->class_count, 2);
    cr_expect_str_eq(set->classes[0], "Fish");
    cr_expect_str_eq(set->samples[0].rle[0], "1 1");
    cr_expect_eq(warnings, 1); // b.png has no row
    cr_expect_not_null(strstr(last_warning, "1 of 2 images have no row"), "%s", last_warning);
    data_set_close(&set);
}

Test(competition, missing_rows_count_as_absent_with_one_warning)
{
    make_file("train.csv", HEADER "a.jpg_Sugar,1 1\nb.png_Fish,1 1\nb.png_Gravel,\n");
    struct data_set *set = open_set();
    cr_expect_str_eq(set->samples[0].rle[1], "");
    cr_expect_eq(set->samples[0].rle_line[1], 0);
    cr_expect_eq(warnings, 1);
    cr_expect_not_null(strstr(last_warning, "3 of 6 rows"), "%s", last_warning);
    data_set_close(&set);
}

Test(competition, underscores_in_image_names_are_kept)
{
    make_file("images/x_y_1.jpg", "");
    make_file("train.csv", HEADER "x_y_1.jpg_Fish,\n");
    struct data_set *set = open_set();
    cr_expect_str_eq(set->samples[0].name, "x_y_1.jpg");
    data_set_close(&set);
}

Test(competition, images_may_be_in_train_images)
{
    cr_assert_eq(rename(folder_file("images"), folder_file("train_images")), 0);
    make_file("train.csv", HEADER "a.jpg_Fish,\n");
    struct data_set *set = open_set();
    cr_expect(base_file_exists(set->samples[0].path));
    data_set_close(&set);
}

Test(competition, wrong_files_are_refused_with_their_line)
{
    static const struct {
        const char *csv, *says;
    } wrong[] = {
        {"", "train.csv: empty"},
        {HEADER, "train.csv: no row behind the header"},
        {"Image,EncodedPixels\na.jpg_Fish,\n", "train.csv:1: the header has no column \"Image_Label\""},
        {"Image_Label,Pixels\na.jpg_Fish,\n", "train.csv:1: the header has no column \"EncodedPixels\""},
        {HEADER "a.jpgFish,\n", "train.csv:2: \"a.jpgFish\" is no Image_Label"},
        {HEADER "_Fish,\n", "train.csv:2: \"_Fish\" is no Image_Label"},
        {HEADER "a.jpg_,\n", "train.csv:2: \"a.jpg_\" is no Image_Label"},
        {HEADER "../a.jpg_Fish,\n", "is no Image_Label"},
        {HEADER "a.jpg_Fish\n", "train.csv:2: 1 columns"},
        {HEADER "a.jpg_Fish,1 2 3\n", "train.csv:2: image a.jpg, class Fish: run 2: start 3 has no length"},
        {HEADER "a.jpg_Fish,\na.jpg_Sugar,\na.jpg_Fish,1 1\n", "train.csv:4: image a.jpg and class Fish have a row already, on line 2"},
        {HEADER "a.jpg_Fish,\nc.jpg_Fish,1 1\n", "train.csv:3: missing image: there is no file"},
        {HEADER "a.jpg_A,\na.jpg_B,\na.jpg_C,\na.jpg_D,\na.jpg_E,\na.jpg_F,\na.jpg_G,\na.jpg_H,\na.jpg_I,\n",
         "train.csv:10: class \"I\" is one too many; at most 8"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        make_file("train.csv", wrong[i].csv);
        expect_open_fails(wrong[i].says);
    }
}

Test(competition, unknown_classes_are_refused_where_classes_txt_names_them)
{
    make_file("classes.txt", "Fish\nSugar\n");
    make_file("train.csv", HEADER "a.jpg_Fish,\na.jpg_sugar,1 1\n");
    expect_open_fails("train.csv:3: class \"sugar\" is not in classes.txt");
}

Test(competition, wrong_class_lists_are_refused)
{
    make_file("train.csv", HEADER "a.jpg_Fish,\n");
    make_file("classes.txt", "");
    expect_open_fails("classes.txt: names no class");
    make_file("classes.txt", "Fish\n\nSugar\n");
    expect_open_fails("classes.txt:2: \"\" is no class name");
    make_file("classes.txt", "Fish\nSugar\nFish\n");
    expect_open_fails("classes.txt:3: class \"Fish\" is there twice");
    make_file("classes.txt", "Fish\na/b\n");
    expect_open_fails("classes.txt:2: \"a/b\" is no class name");
    make_file("classes.txt", "A\nB\nC\nD\nE\nF\nG\nH\nI\n");
    expect_open_fails("classes.txt:9: class \"I\" is one too many");
}

// Every prefix of a file and many single-bit errors: any outcome but a crash or a read outside the text is fine.
Test(competition, damaged_files_never_crash)
{
    static const char good[] = "\xEF\xBB\xBF" HEADER "a.jpg_Fish,1 2 4 1\r\n\"a.jpg_Sugar\",\"5 1\"\nb.png_Fish,\nb.png_Sugar,2 1\n";
    const size_t size = sizeof good - 1;
    int opened = 0;
    for (size_t i = 0; i < size * 9; i++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        size_t length = size;
        if (i < size) length = i;
        else text[(i - size) / 8] ^= (char)(1 << (i - size) % 8);
        folder_write(folder_file("train.csv"), text, length);
        struct data_set *set = NULL;
        uint8_t labels[6];
        if (data_set_open(folder_log, folder_file(""), &set) != NEPHOS_OK) continue;
        opened++;
        for (uint32_t s = 0; s < set->sample_count; s++) data_set_labels(set, s, 2, 3, labels);
        data_set_close(&set);
    }
    cr_expect(opened > 10 && opened < (int)size * 9, "%d", opened);
}
