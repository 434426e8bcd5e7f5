// SPDX-License-Identifier: MIT
#include "common/folder.h"
#include "data/make_set.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(folds, .init = folder_setup, .fini = folder_teardown);

// Class A on every second image.
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
        fprintf(stream, "i%03u.jpg_A,%s\n", i, i % 2 ? "" : "1 1");
    }
    fclose(stream);
    make_file("train.csv", csv);
    free(csv);
}

Test(folds, each_image_is_in_one_fold_and_classes_are_shared_out)
{
    make_images(30);
    struct data_set *set = open_set();
    uint32_t seen[30] = {0};
    for (uint32_t fold = 1; fold <= 5; fold++) {
        uint32_t with = 0, without = 0;
        cr_assert_eq(data_folds_split(set, 5, fold, 7), NEPHOS_OK);
        for (uint32_t i = 0; i < 30; i++) {
            if (set->samples[i].split != DATA_VAL) continue;
            seen[i]++;
            if (i % 2)
                without++;
            else
                with++;
        }
        cr_expect_eq(with, 3);
        cr_expect_eq(without, 3);
    }
    for (uint32_t i = 0; i < 30; i++)
        cr_expect_eq(seen[i], 1);
    data_set_close(&set);
}

Test(folds, groups_stay_together)
{
    make_images(24);
    char *csv;
    size_t size;
    FILE *stream = open_memstream(&csv, &size);
    fputs("image,group\n", stream);
    for (uint32_t i = 0; i < 20; i++)
        fprintf(stream, i % 3 ? "i%03u.jpg,g%u\n" : "i%03u,g%u\n", i, i / 4);
    fclose(stream);
    make_file("groups.csv", csv);
    free(csv);
    struct data_set *set = open_set();
    for (uint32_t fold = 1; fold <= 3; fold++) {
        cr_assert_eq(data_folds_split(set, 3, fold, 1), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        uint32_t val = 0;
        for (uint32_t i = 0; i < 24; i++) {
            val += set->samples[i].split == DATA_VAL;
            if (i < 20) cr_expect_eq(set->samples[i].split, set->samples[i / 4 * 4].split, "image %u", i);
        }
        cr_expect_eq(val, 8);
    }
    cr_assert_eq(data_folds_split(set, 10, 1, 1), NEPHOS_ERROR_DATA);
    cr_assert(strstr(nephos_last_error(folder_log), "24 images in 9 groups can't be divided into 10 folds"));
    data_set_close(&set);
}

Test(folds, bad_groups_are_refused_by_line)
{
    make_images(6);
    make_file("groups.csv", "image,group\ni000.jpg,a\nnone.jpg,a\n");
    struct data_set *set = open_set();
    cr_assert_eq(data_folds_split(set, 2, 1, 1), NEPHOS_ERROR_DATA);
    cr_assert(strstr(nephos_last_error(folder_log), "groups.csv:3: image \"none.jpg\" is not in the data set"));
    make_file("groups.csv", "image,group\ni000.jpg,a\ni000,b\n");
    cr_assert_eq(data_folds_split(set, 2, 1, 1), NEPHOS_ERROR_DATA);
    cr_assert(strstr(nephos_last_error(folder_log), "groups.csv:3: image \"i000\" has a row already"));
    data_set_close(&set);
}
