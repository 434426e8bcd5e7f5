// SPDX-License-Identifier: MIT
#include "common/folder.h"
#include "data/make_set.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(split, .init = folder_setup, .fini = folder_teardown);

// `count` images; class A on every second, class B on every third.
static void make_images(uint32_t count)
{
    char *csv;
    size_t size;
    FILE *stream = open_memstream(&csv, &size);
    fputs("Image_Label,EncodedPixels\n", stream);
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "images/i%03u.jpg", i);
        make_file(name, "");
        fprintf(stream, "i%03u.jpg_A,%s\ni%03u.jpg_B,%s\n", i, i % 2 ? "" : "1 1", i, i % 3 ? "" : "1 1");
    }
    fclose(stream);
    make_file("train.csv", csv);
    free(csv);
}

static uint32_t count_val(const struct data_set *set, uint32_t step, uint32_t remainder)
{
    uint32_t count = 0;
    for (uint32_t i = remainder; i < set->sample_count; i += step) count += set->samples[i].split == DATA_VAL;
    return count;
}

Test(split, each_set_of_classes_is_shared_out_alike)
{
    make_images(120);
    struct data_set *set = open_set();
    cr_assert_eq(data_split_draw(set, 0.2, 7), NEPHOS_OK);
    cr_expect_eq(count_val(set, 1, 0), 24);
    cr_expect_eq(count_val(set, 6, 0), 4, "both classes");
    cr_expect_eq(count_val(set, 6, 3), 4, "B only");
    cr_expect_eq(count_val(set, 6, 2) + count_val(set, 6, 4), 8, "A only");
    cr_expect_eq(count_val(set, 6, 1) + count_val(set, 6, 5), 8, "none");
    data_set_close(&set);
}

Test(split, totals_are_right_and_no_side_is_empty)
{
    static const struct {
        double share;
        uint32_t val;
    } cases[] = {{0, 1}, {0.01, 1}, {0.3, 4}, {0.5, 7}, {0.9, 12}, {1, 12}};
    make_images(13);
    struct data_set *set = open_set();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(data_split_draw(set, cases[i].share, 1), NEPHOS_OK);
        cr_expect_eq(count_val(set, 1, 0), cases[i].val, "share %g: %u", cases[i].share, count_val(set, 1, 0));
    }
    cr_expect_eq(data_split_draw(set, 1.5, 1), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(data_split_draw(set, -0.5, 1), NEPHOS_ERROR_ARGUMENT);
    data_set_close(&set);
}

Test(split, the_seed_alone_decides)
{
    make_images(60);
    struct data_set *first = open_set(), *second = open_set(), *other = open_set();
    cr_assert_eq(data_split_draw(first, 0.25, 5), NEPHOS_OK);
    cr_assert_eq(data_split_draw(second, 0.25, 5), NEPHOS_OK);
    cr_assert_eq(data_split_draw(other, 0.25, 6), NEPHOS_OK);
    int differ = 0;
    for (uint32_t i = 0; i < 60; i++) {
        cr_expect_eq(first->samples[i].split, second->samples[i].split);
        differ += first->samples[i].split != other->samples[i].split;
    }
    cr_expect_gt(differ, 0);
    data_set_close(&first);
    data_set_close(&second);
    data_set_close(&other);
}

Test(split, one_image_cannot_be_split)
{
    make_images(1);
    struct data_set *set = open_set();
    cr_expect_eq(data_split_draw(set, 0.5, 1), NEPHOS_ERROR_DATA);
    data_set_close(&set);
}

Test(split, a_saved_split_is_loaded_again)
{
    make_images(20);
    struct data_set *drawn = open_set(), *loaded = open_set();
    cr_assert_eq(data_split_draw(drawn, 0.3, 3), NEPHOS_OK);
    cr_assert_eq(data_split_save(drawn, folder_file("saved.csv")), NEPHOS_OK);
    cr_assert_eq(data_split_load(loaded, folder_file("saved.csv")), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    for (uint32_t i = 0; i < 20; i++) cr_expect_eq(loaded->samples[i].split, drawn->samples[i].split);
    data_set_close(&drawn);
    data_set_close(&loaded);
}

Test(split, split_csv_is_used_with_or_without_extensions)
{
    make_images(3);
    make_file("split.csv", "split,image\ntest,i002\ntrain,i000.jpg\nval,i001\n");
    struct data_set *set = open_set();
    cr_expect(set->has_split);
    cr_expect_eq(set->samples[0].split, DATA_TRAIN);
    cr_expect_eq(set->samples[1].split, DATA_VAL);
    cr_expect_eq(set->samples[2].split, DATA_TEST);
    data_set_close(&set);
}

Test(split, wrong_split_files_are_refused_and_change_nothing)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        {"image\ni000\n", "s.csv:1: the header has no column \"split\""},
        {"image,split\ni000,train\ni009,val\n", "s.csv:3: image \"i009\" is not in the data set"},
        {"image,split\ni000,valid\n", "s.csv:2: split \"valid\" of image i000; allowed are train, val and test"},
        {"image,split\ni000,train\ni001,val\ni000.jpg,val\n", "s.csv:4: image i000.jpg has a row already, on line 2"},
        {"image,split\ni001,train\n", "s.csv: no row for image i000.jpg (2 images in all)"},
        {"image,split\ni001\n", "s.csv:2: 1 columns"},
    };
    make_images(3);
    struct data_set *set = open_set();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        make_file("s.csv", wrong[i].text);
        cr_expect_eq(data_split_load(set, folder_file("s.csv")), NEPHOS_ERROR_DATA);
        cr_expect_not_null(strstr(nephos_last_error(folder_log), wrong[i].says), "%s", nephos_last_error(folder_log));
        for (uint32_t s = 0; s < 3; s++) cr_expect_eq(set->samples[s].split, DATA_NONE);
    }
    data_set_close(&set);
}

Test(split, ambiguous_names_are_refused)
{
    make_file("images/a.jpg", "");
    make_file("images/a.png", "");
    make_file("train.csv", "Image_Label,EncodedPixels\na.jpg_A,\na.png_A,\n");
    make_file("split.csv", "image,split\na,train\n");
    expect_open_fails("split.csv:2: more than one image is called \"a\"");
    make_file("split.csv", "image,split\na.png,train\na.jpg,val\n");
    struct data_set *set = open_set();
    cr_expect_eq(set->samples[0].split, DATA_VAL);
    data_set_close(&set);
}
