// SPDX-License-Identifier: MIT
#include "data/make_set.h"

#include "base/file.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void make_parent(const char *name)
{
    const char *slash = strrchr(name, '/');
    if (!slash) return;
    char parent[128];
    snprintf(parent, sizeof parent, "%.*s", (int)(slash - name), name);
    cr_assert_eq(base_dir_create(folder_log, folder_file(parent)), NEPHOS_OK);
}

void make_file(const char *name, const char *text)
{
    make_parent(name);
    folder_write(folder_file(name), text, strlen(text));
}

void make_png(const char *name, const uint8_t *pixels, uint32_t height, uint32_t width)
{
    make_parent(name);
    cr_assert_eq(data_png_write(folder_log, folder_file(name), pixels, height, width, 1), NEPHOS_OK, "%s", nephos_last_error(folder_log));
}

struct data_set *open_set(void)
{
    struct data_set *set = NULL;
    cr_assert_eq(data_set_open(folder_log, folder_file(""), &set), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    return set;
}

void expect_open_fails(const char *text)
{
    struct data_set *set = NULL;
    cr_expect_eq(data_set_open(folder_log, folder_file(""), &set), NEPHOS_ERROR_DATA);
    cr_expect_null(set);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), text), "expected \"%s\", got \"%s\"", text, nephos_last_error(folder_log));
}
