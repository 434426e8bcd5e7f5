// SPDX-License-Identifier: MIT
#include "report/history.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(history, .init = folder_setup, .fini = folder_teardown);

static const char header[] = "epoch,train_loss,train_dice,train_iou,train_accuracy,val_loss,val_dice,val_iou,val_accuracy,val_pr_auc,val_roc_auc,lr,seconds,"
                             "images_per_second,wait_share\n";

static struct history_row row(uint32_t epoch)
{
    double x = 1.0 / (epoch + 2);
    return (struct history_row){epoch, x, x * 0.7, 1 - x, (float)x, 2 * x, epoch == 3 ? 0.9 : x, NAN, 1e-9 * x, x / 7, x / 9, 1e-3, 12345.678901234 * x,
                                1e5 * x, x / 3};
}

static void append(struct history *history, uint32_t epoch)
{
    struct history_row next = row(epoch);
    cr_assert_eq(history_append(folder_log, folder_file("history.csv"), history, &next), NEPHOS_OK, "%s", nephos_last_error(folder_log));
}

Test(history, loaded_rows_equal_those_in_memory_to_the_bit)
{
    struct history history = {0}, loaded;
    for (uint32_t epoch = 1; epoch <= 5; epoch++) append(&history, epoch);
    cr_assert_eq(history_load(folder_log, folder_file("history.csv"), UINT32_MAX, &loaded), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_assert_eq(loaded.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        cr_expect_float_eq(loaded.rows[i].train_loss, row(i + 1).train_loss, 1e-9);
        cr_expect_eq((float)loaded.rows[i].train_accuracy, (float)row(i + 1).train_accuracy); // floats survive exactly
        cr_expect(isnan(loaded.rows[i].val_iou));
        history.rows[i].val_iou = loaded.rows[i].val_iou = 0;
        cr_expect_arr_eq(&loaded.rows[i].train_loss, &history.rows[i].train_loss, 14 * sizeof(double));
    }
    cr_expect_eq(history_best(&loaded)->epoch, 3);
    history_free(&history);
    history_free(&loaded);
}

Test(history, resumed_file_is_the_same_to_the_byte)
{
    struct history whole = {0}, resumed;
    size_t sizes[2];
    for (uint32_t epoch = 1; epoch <= 6; epoch++) append(&whole, epoch);
    uint8_t *first = folder_read(folder_file("history.csv"), &sizes[0]);
    cr_assert_eq(history_load(folder_log, folder_file("history.csv"), 4, &resumed), NEPHOS_OK); // the checkpoint was of epoch 4
    cr_expect_eq(resumed.count, 4);
    for (uint32_t epoch = 5; epoch <= 6; epoch++) append(&resumed, epoch);
    uint8_t *second = folder_read(folder_file("history.csv"), &sizes[1]);
    cr_assert_eq(sizes[0], sizes[1]);
    cr_expect_arr_eq(first, second, sizes[0]);
    cr_expect_eq(strncmp((char *)first, header, strlen(header)), 0);
    cr_expect_eq(folder_count(), 1);
    free(first);
    free(second);
    history_free(&whole);
    history_free(&resumed);
}

Test(history, missing_file_is_an_empty_history)
{
    struct history history;
    cr_assert_eq(history_load(folder_log, folder_file("none.csv"), UINT32_MAX, &history), NEPHOS_OK);
    cr_expect_eq(history.count, 0);
    cr_expect_null(history_best(&history));
}

Test(history, broken_files_are_refused_with_their_line)
{
    static const struct { const char *text, *message; } cases[] = {
        {"", ":1:"}, {"epoch,loss\n", ":1:"}, {"%x,1,1,1,1,1,1,1,1,1,1,1,1\n", ":2:"}, {"%0,1,1,1,1,1,1,1,1,1,1,1,1\n", ":2:"},
        {"%-1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n", ":2:"}, {"%1,1,1,1,1,1,1,1,1,1,1,1,1,1\n", "\"wait_share\""},
        {"%1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n", "too many"},
        {"%1,1,,1,1,1,1,1,1,1,1,1,1\n", "\"train_dice\""}, {"%1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n", ":3:"},
        {"%1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n\n", ":3:"}, {"%1,1,1,1 7,1,1,1,1,1,1,1,1,1\n", "\"train_iou\""}, {"%1,1,1,1", "\"train_accuracy\""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", *cases[i].text == '%' ? header : "", cases[i].text + (*cases[i].text == '%'));
        const char *path = folder_file("broken.csv");
        struct history history;
        folder_write(path, text, strlen(text));
        cr_expect_eq(history_load(folder_log, path, UINT32_MAX, &history), NEPHOS_ERROR_DATA, "%s", cases[i].text);
        cr_expect(strstr(nephos_last_error(folder_log), path) && strstr(nephos_last_error(folder_log), cases[i].message), "%s: %s",
                  cases[i].text, nephos_last_error(folder_log));
        cr_expect_eq(history.count, 0);
    }
}

Test(history, numbers_do_not_depend_on_the_locale)
{
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) cr_skip_test("the locale de_DE.UTF-8 is not installed");
    struct history history = {0}, loaded;
    append(&history, 1);
    cr_assert_eq(history_load(folder_log, folder_file("history.csv"), UINT32_MAX, &loaded), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_eq(loaded.rows[0].train_loss, history.rows[0].train_loss);
    history_free(&history);
    history_free(&loaded);
}
