// SPDX-License-Identifier: MIT
#include "report/row_log.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(row_log, .init = folder_setup, .fini = folder_teardown);

#define HEADER "step,epoch,loss,lr,grad_norm,loss_scale\n"

static void add(struct row_log *steps, uint64_t step)
{
    row_log_add(steps, "%u,1,0.5,0.25,2,0\n", (unsigned)step);
}

static void expect_file(const char *text)
{
    size_t size;
    uint8_t *bytes = folder_read(folder_file("steps.csv"), &size);
    cr_expect_eq(size, strlen(text));
    cr_expect(size == strlen(text) && memcmp(bytes, text, size) == 0, "%.*s", (int)size, (char *)bytes);
    free(bytes);
}

static void save(struct row_log *steps)
{
    cr_assert_eq(row_log_save(folder_log, folder_file("steps.csv"), steps), NEPHOS_OK);
}

static void rewind_to(struct row_log *steps, uint64_t step)
{
    cr_assert_eq(row_log_rewind(folder_log, folder_file("steps.csv"), step, steps), NEPHOS_OK);
}

Test(row_log, rows_are_appended_when_saved)
{
    struct row_log steps = {.header = HEADER};
    save(&steps);
    cr_expect_eq(folder_count(), 0, "no rows, no file");
    add(&steps, 1);
    cr_expect_eq(folder_count(), 0);
    save(&steps);
    add(&steps, 2);
    add(&steps, 3);
    save(&steps);
    save(&steps);
    expect_file(HEADER "1,1,0.5,0.25,2,0\n2,1,0.5,0.25,2,0\n3,1,0.5,0.25,2,0\n");
    row_log_free(&steps);
}

Test(row_log, rewinding_drops_rows_behind_a_step)
{
    struct row_log steps = {.header = HEADER};
    rewind_to(&steps, 7); // no file
    for (uint64_t step = 8; step <= 11; step++)
        add(&steps, step);
    save(&steps);
    add(&steps, 12);
    rewind_to(&steps, 9);
    save(&steps);
    expect_file(HEADER "8,1,0.5,0.25,2,0\n9,1,0.5,0.25,2,0\n");
    add(&steps, 10);
    save(&steps);
    expect_file(HEADER "8,1,0.5,0.25,2,0\n9,1,0.5,0.25,2,0\n10,1,0.5,0.25,2,0\n");
    row_log_free(&steps);
}

Test(row_log, a_row_cut_off_is_dropped)
{
    struct row_log steps = {.header = HEADER};
    const char cut[] = HEADER "1,1,0.5,0.25,2,0\n2,1,0.";
    folder_write(folder_file("steps.csv"), cut, sizeof cut - 1);
    rewind_to(&steps, 5);
    expect_file(HEADER "1,1,0.5,0.25,2,0\n");
}

Test(row_log, a_file_of_something_else_is_left_alone)
{
    struct row_log steps = {.header = HEADER};
    folder_write(folder_file("steps.csv"), "mine\n", 5);
    cr_expect_eq(row_log_rewind(folder_log, folder_file("steps.csv"), 1, &steps), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "steps.csv:1: not the header"));
    expect_file("mine\n");
}
