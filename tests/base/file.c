// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

static char folder[64];
static struct nephos_log *log_;

static void setup(void)
{
    strcpy(folder, "/tmp/nephos-file-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &log_);
}

static void teardown(void)
{
    char *command = base_format("rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
    free(command);
    nephos_log_destroy(&log_);
}

TestSuite(file, .init = setup, .fini = teardown);

static int entries(const char *path)
{
    DIR *dir = opendir(path);
    int count = -2; // . and ..
    while (readdir(dir)) count++;
    closedir(dir);
    return count;
}

static void expect_content(const char *path, const char *content)
{
    char *data;
    size_t size;
    cr_assert_eq(base_file_read(log_, path, 1 << 20, &data, &size), NEPHOS_OK, "%s", nephos_last_error(log_));
    cr_expect_eq(size, strlen(content));
    cr_expect_str_eq(data, content);
    free(data);
}

Test(file, written_bytes_come_back)
{
    char *path = base_format("%s/a", folder);
    cr_assert_eq(base_file_write(log_, path, "hello", 5), NEPHOS_OK);
    expect_content(path, "hello");
    cr_assert_eq(base_file_write(log_, path, "", 0), NEPHOS_OK);
    expect_content(path, "");
    cr_expect_eq(entries(folder), 1);
    free(path);
}

Test(file, abort_keeps_the_old_content)
{
    char *path = base_format("%s/a", folder);
    struct base_file *file;
    cr_assert_eq(base_file_write(log_, path, "old", 3), NEPHOS_OK);
    cr_assert_eq(base_file_create(log_, path, &file), NEPHOS_OK);
    fputs("new", base_file_stream(file));
    base_file_abort(&file);
    cr_expect_null(file);
    expect_content(path, "old");
    cr_expect_eq(entries(folder), 1);
    free(path);
}

Test(file, a_failed_write_is_reported_and_keeps_the_old_content)
{
    char *path = base_format("%s/a", folder);
    char *large = calloc(1, 1 << 20);
    cr_assert_eq(base_file_write(log_, path, "old", 3), NEPHOS_OK);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {4096, 4096}; // stands for a full disk
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    cr_expect_eq(base_file_write(log_, path, large, 1 << 20), NEPHOS_ERROR_FILE);
    cr_expect_not_null(strstr(nephos_last_error(log_), path));
    expect_content(path, "old");
    cr_expect_eq(entries(folder), 1);
    free(large);
    free(path);
}

Test(file, reading_is_bounded)
{
    char *path = base_format("%s/a", folder);
    char *data;
    size_t size;
    cr_assert_eq(base_file_write(log_, path, "12345678", 8), NEPHOS_OK);
    cr_expect_eq(base_file_read(log_, path, 7, &data, &size), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(log_), "7 bytes"));
    cr_assert_eq(base_file_read(log_, path, 8, &data, &size), NEPHOS_OK);
    free(data);
    free(path);
}

Test(file, reading_nothing_or_a_folder_names_the_path)
{
    char *path = base_format("%s/none", folder);
    char *data;
    size_t size;
    cr_expect_eq(base_file_read(log_, path, 8, &data, &size), NEPHOS_ERROR_FILE);
    cr_expect_not_null(strstr(nephos_last_error(log_), path));
    cr_expect_eq(base_file_read(log_, folder, 1 << 20, &data, &size), NEPHOS_ERROR_FILE);
    cr_expect_not_null(strstr(nephos_last_error(log_), folder));
    free(path);
}

Test(file, creating_in_a_missing_folder_names_the_path)
{
    char *path = base_format("%s/none/a", folder);
    struct base_file *file;
    cr_expect_eq(base_file_create(log_, path, &file), NEPHOS_ERROR_FILE);
    cr_expect_null(file);
    cr_expect_not_null(strstr(nephos_last_error(log_), path));
    free(path);
}

Test(file, folders_are_created_with_their_parents)
{
    char *path = base_format("%s/a/b/c/", folder);
    char *below_file = base_format("%s/f/x", folder);
    char *file = base_format("%s/f", folder);
    cr_assert_eq(base_dir_create(log_, path), NEPHOS_OK);
    cr_assert_eq(base_dir_create(log_, path), NEPHOS_OK);
    cr_expect(base_dir_exists(path));
    cr_expect_not(base_file_exists(path));
    cr_assert_eq(base_file_write(log_, file, "x", 1), NEPHOS_OK);
    cr_expect(base_file_exists(file));
    cr_expect_not(base_dir_exists(file));
    cr_expect_eq(base_dir_create(log_, below_file), NEPHOS_ERROR_FILE);
    cr_expect_not_null(strstr(nephos_last_error(log_), file));
    free(path);
    free(below_file);
    free(file);
}

Test(file, append_adds_to_the_end)
{
    char *path = base_format("%s/log", folder), *data;
    size_t size;
    cr_assert_eq(base_file_append(log_, path, "one", 3), NEPHOS_OK);
    cr_assert_eq(base_file_append(log_, path, "", 0), NEPHOS_OK);
    cr_assert_eq(base_file_append(log_, path, "two", 3), NEPHOS_OK);
    cr_assert_eq(base_file_read(log_, path, 100, &data, &size), NEPHOS_OK);
    cr_expect_str_eq(data, "onetwo");
    cr_expect_eq(base_file_append(log_, folder, "x", 1), NEPHOS_ERROR_FILE);
    free(data);
    free(path);
}
