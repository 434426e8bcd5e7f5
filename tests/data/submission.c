// SPDX-License-Identifier: MIT
// Submission files against the rows that are asked for, in a frame of 3x4.
#include "common/folder.h"
#include "data/data.h"
#include "data/submission.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(submission, .init = folder_setup, .fini = folder_teardown);

#define HEADER "Image_Label,EncodedPixels\n"

static const char *file(const char *name, const char *text)
{
    const char *path = folder_file(name);
    folder_write(path, text, strlen(text));
    return path;
}

static struct data_rows asked_for(void)
{
    struct data_rows rows = {0};
    cr_assert_eq(data_rows_read(folder_log, file("sample.csv", HEADER "b.jpg_Fish,1 1\nb.jpg_Sugar,1 1\na.jpg_Fish,1 1\n"), &rows),
                 NEPHOS_OK, "%s", nephos_last_error(folder_log));
    return rows;
}

Test(submission, codes_come_in_the_order_of_the_rows_asked_for)
{
    struct data_rows rows = asked_for();
    struct data_submission s;
    cr_assert_eq(rows.count, 3);
    const char *path = file("a.csv", HEADER "\"a.jpg_Fish\",2 2 7 3\nb.jpg_Sugar,\nb.jpg_Fish,12 1\n");
    cr_assert_eq(data_submission_read(folder_log, path, &rows, 3, 4, &s), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_str_eq(s.codes[0], "12 1");
    cr_expect_str_eq(s.codes[1], "");
    cr_expect_str_eq(s.codes[2], "2 2 7 3");
    data_submission_free(&s);
    data_rows_free(&rows);
}

Test(submission, every_fault_is_named_with_its_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"Image,EncodedPixels\na.jpg_Fish,\n", ":1: the header is not \"Image_Label,EncodedPixels\""},
        {"EncodedPixels,Image_Label\n,a.jpg_Fish\n", ":1: the header is not"},
        {"Image_Label,EncodedPixels,x\na.jpg_Fish,,\n", ":1: the header is not"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,\n", "1 of 3 rows are missing, the first is b.jpg_Sugar"},
        {HEADER, "3 of 3 rows are missing, the first is a.jpg_Fish"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,\nb.jpg_Sugar,\na.jpg_Sugar,\n", ":5: \"a.jpg_Sugar\" is none of the 3 rows asked for"},
        {HEADER "a_Fish,\nb.jpg_Fish,\nb.jpg_Sugar,\n", ":2: \"a_Fish\" is none of"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,\nb.jpg_Sugar,\na.jpg_Fish,\n", ":5: a.jpg_Fish has a row already, on line 2"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,1\nb.jpg_Sugar,\n", ":3: b.jpg_Fish: run 1: start 1 has no length"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,11 3\nb.jpg_Sugar,\n", ":3: b.jpg_Fish: run 1: start 11 length 3 goes past the last pixel, 12"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,5 2 6 1\nb.jpg_Sugar,\n", ":3: b.jpg_Fish: run 2: starts at 6"},
        {HEADER "a.jpg_Fish,\nb.jpg_Fish,-1\nb.jpg_Sugar,\n", "is not a number"},
        {HEADER "a.jpg_Fish\nb.jpg_Fish,\nb.jpg_Sugar,\n", ":2: 1 columns, the header has 2"},
    };
    struct data_rows rows = asked_for();
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct data_submission s = {0};
        const char *path = file("a.csv", cases[i].text);
        cr_expect_eq(data_submission_read(folder_log, path, &rows, 3, 4, &s), NEPHOS_ERROR_DATA, "case %zu", i);
        cr_expect(strstr(nephos_last_error(folder_log), cases[i].error), "case %zu: %s", i, nephos_last_error(folder_log));
        cr_expect_null(s.text);
    }
    data_rows_free(&rows);
}

static const char *synth(uint32_t images)
{
    const struct nephos_synth_params params = {.out_dir = folder_file("clouds"), .images = images, .height = 350, .width = 525, .seed = 7};
    cr_assert_eq(nephos_synth(folder_log, &params), NEPHOS_OK);
    return folder_file("clouds");
}

Test(submission, the_truth_itself_scores_1)
{
    const char *data = synth(3), *csv = folder_file("clouds/train.csv");
    const struct nephos_submission_params params = {.csv = csv, .data = data};
    struct nephos_submission s;
    cr_assert_eq(nephos_submission_check(folder_log, &params, &s), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect(s.scored && s.rows == 12 && s.masks > 0 && s.masks < 12);
    cr_expect_eq(s.scores.image_count, 3);
    cr_expect_eq(s.scores.dice, 1);
    cr_expect_float_eq(s.scores.predict_nothing, 1 - (double)s.masks / 12, 1e-12, "a code for every class that is there");
    for (uint32_t c = 0; c < 4; c++)
        cr_expect_neq(s.classes[c][0], '\0');
    nephos_submission_free(&s);

    const struct nephos_submission_params sampled = {.csv = csv, .sample = csv};
    cr_assert_eq(nephos_submission_check(folder_log, &sampled, &s), NEPHOS_OK);
    cr_expect(!s.scored && s.rows == 12 && s.scores.classes == NULL);
    nephos_submission_free(&s);

    const struct nephos_submission_params smaller = {.csv = csv, .data = data, .height = 175, .width = 262};
    cr_expect_eq(nephos_submission_check(folder_log, &smaller, &s), NEPHOS_ERROR_DATA);
    cr_expect(strstr(nephos_last_error(folder_log), "goes past the last pixel, 45850"), "%s", nephos_last_error(folder_log));
}

Test(submission, labels_are_brought_to_the_frame_of_the_codes)
{
    const char *data = synth(2);
    struct data_set *set = NULL;
    cr_assert_eq(data_set_open(folder_log, data, &set), NEPHOS_OK);
    uint8_t *labels = malloc(350 * 525), *small = malloc(50 * 75), *mask = malloc(50 * 75);
    FILE *csv = fopen(folder_file("small.csv"), "w");
    fputs(HEADER, csv);
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert_eq(data_set_labels(set, i, 350, 525, labels), NEPHOS_OK);
        data_resize_nearest(labels, 350, 525, small, 50, 75);
        for (uint32_t c = 0; c < set->class_count; c++) {
            for (size_t k = 0; k < 50 * 75; k++)
                mask[k] = small[k] >> c & 1;
            char *code = data_rle_encode(mask, 50, 75);
            fprintf(csv, "%s_%s,%s\n", set->samples[i].name, set->classes[c], code);
            free(code);
        }
    }
    fclose(csv);
    const struct nephos_submission_params params = {.csv = folder_file("small.csv"), .data = data, .height = 50, .width = 75};
    struct nephos_submission s;
    cr_assert_eq(nephos_submission_check(folder_log, &params, &s), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_eq(s.scores.dice, 1);
    nephos_submission_free(&s);
    free(labels);
    free(small);
    free(mask);
    data_set_close(&set);
}

Test(submission, parameters_that_make_no_sense_are_refused)
{
    static const struct nephos_submission_params bad[] = {
        {.data = "d"}, {.csv = "c"}, {.csv = "c", .data = "d", .sample = "s"}, {.csv = "c", .data = "d", .height = 3}};
    struct nephos_submission s;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        cr_expect_eq(nephos_submission_check(folder_log, &bad[i], &s), NEPHOS_ERROR_ARGUMENT, "case %zu", i);
    cr_expect_eq(nephos_submission_check(folder_log, NULL, &s), NEPHOS_ERROR_ARGUMENT);
}
