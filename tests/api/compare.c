// SPDX-License-Identifier: MIT
// Runs side by side.
#include "common/folder.h"

#include <criterion/criterion.h>
#include <nephos/nephos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(compare, .init = folder_setup, .fini = folder_teardown);

#define COLUMNS                                                                                                                            \
    "epoch,train_loss,train_dice,train_iou,train_accuracy,val_loss,val_dice,val_iou,val_accuracy,val_pr_auc,val_roc_auc,lr,seconds,"       \
    "images_per_second,wait_share\n"

// A run directory with `epochs` epochs whose Dice ends at `dice`.
static const char *make_run(const char *name, unsigned epochs, double dice, const char *settings)
{
    char path[96], text[2048] = COLUMNS;
    cr_assert_eq(mkdir(folder_file(name), 0777), 0);
    for (unsigned e = 1; e <= epochs; e++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%u,1,0.1,0.1,0.1,1,%g,0.2,0.3,nan,nan,0.001,60,5,0\n", e,
                 dice * e / epochs);
    snprintf(path, sizeof path, "%s/history.csv", name);
    folder_write(folder_file(path), text, strlen(text));
    snprintf(path, sizeof path, "%s/config.ini", name);
    folder_write(folder_file(path), settings, strlen(settings));
    return folder_file(name);
}

static char *page_of(const char *const *runs, size_t count)
{
    size_t size;
    cr_assert_eq(nephos_compare(folder_log, runs, count, folder_file("page.html")), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    uint8_t *bytes = folder_read(folder_file("page.html"), &size);
    char *page = strndup((const char *)bytes, size);
    free(bytes);
    return page;
}

#define HAS(part) cr_expect(strstr(page, part), "no '%s'", part)
#define LACKS(part) cr_expect(!strstr(page, part), "'%s'", part)

Test(compare, shows_scores_curves_and_what_differs)
{
    char first[256], second[256];
    strcpy(first, make_run("one<1>", 3, 0.6, "lr = 0.001\nseed = 4\nout = a\n"));
    strcpy(second, make_run("two", 5, 0.7, "lr = 0.01\nseed = 4\nout = b\n"));
    char *page = page_of((const char *const[]){first, second}, 2);
    HAS("one&lt;1&gt;");
    HAS("<td>0.6000</td>");
    HAS("<td><b>0.7000</b></td>");
    HAS("3 of 3");
    HAS("5 of 5");
    HAS("<tr><th>lr</th><td>0.001</td><td>0.01</td></tr>");
    LACKS("<th>seed</th>");
    LACKS("<th>out</th>");
    HAS("Validation Dice</text>");
    HAS("Learning rate</text>");
    LACKS("nan");
    free(page);
}

Test(compare, runs_of_the_same_settings_differ_in_none)
{
    char run[256];
    strcpy(run, make_run("one", 1, 0.6, "lr = 0.001\n"));
    char *page = page_of((const char *const[]){run, run}, 2);
    HAS("None.");
    free(page);
}

Test(compare, what_is_no_run_is_named)
{
    const char *const runs[] = {folder_file("nothing")};
    cr_expect_eq(nephos_compare(folder_log, runs, 1, folder_file("page.html")), NEPHOS_ERROR_FILE);
    cr_expect(strstr(nephos_last_error(folder_log), "nothing/history.csv: missing"));
    cr_expect_eq(folder_count(), 0);
    const char *const many[9] = {runs[0], runs[0], runs[0], runs[0], runs[0], runs[0], runs[0], runs[0], runs[0]};
    cr_expect_eq(nephos_compare(folder_log, many, 9, folder_file("page.html")), NEPHOS_ERROR_ARGUMENT);
}
