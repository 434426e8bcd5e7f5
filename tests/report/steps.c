// SPDX-License-Identifier: MIT
#include "report/steps.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(steps, .init = folder_setup, .fini = folder_teardown);

#define HEADER "step,epoch,loss,lr,grad_norm,loss_scale\n"

static void add(struct steps_log *steps, uint64_t step)
{
    steps_add(steps, &(struct steps_row){.step = step, .epoch = 1, .loss = 0.5f, .lr = 0.25f, .grad_norm = 2, .loss_scale = 0});
}

static void expect_file(const char *text)
{
    size_t size;
    uint8_t *bytes = folder_read(folder_file("steps.csv"), &size);
    cr_expect_eq(size, strlen(text));
    cr_expect(size == strlen(text) && memcmp(bytes, text, size) == 0, "%.*s", (int)size, (char *)bytes);
    free(bytes);
}

static void save(struct steps_log *steps)
{
    cr_assert_eq(steps_save(folder_log, folder_file("steps.csv"), steps), NEPHOS_OK);
}

static void rewind_to(struct steps_log *steps, uint64_t step)
{
    cr_assert_eq(steps_rewind(folder_log, folder_file("steps.csv"), step, steps), NEPHOS_OK);
}

Test(steps, rows_are_appended_when_saved)
{
    struct steps_log steps = {0};
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
    steps_free(&steps);
}

Test(steps, rewinding_drops_rows_behind_a_step)
{
    struct steps_log steps = {0};
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
    steps_free(&steps);
}

Test(steps, a_row_cut_off_is_dropped)
{
    struct steps_log steps = {0};
    const char cut[] = HEADER "1,1,0.5,0.25,2,0\n2,1,0.";
    folder_write(folder_file("steps.csv"), cut, sizeof cut - 1);
    rewind_to(&steps, 5);
    expect_file(HEADER "1,1,0.5,0.25,2,0\n");
}

Test(steps, a_file_of_something_else_is_left_alone)
{
    struct steps_log steps = {0};
    folder_write(folder_file("steps.csv"), "mine\n", 5);
    cr_expect_eq(steps_rewind(folder_log, folder_file("steps.csv"), 1, &steps), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), "steps.csv:1: not the header"));
    expect_file("mine\n");
}
