// SPDX-License-Identifier: MIT
#include "common/folder.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct nephos_log *folder_log;
static char folder[64];

void folder_setup(void)
{
    snprintf(folder, sizeof folder, "/tmp/nephos-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &folder_log), NEPHOS_OK);
}

void folder_teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_expect_eq(system(command), 0);
    nephos_log_destroy(&folder_log);
}

const char *folder_file(const char *name)
{
    static char paths[8][192];
    static unsigned next;
    char *path = paths[next++ % 8];
    cr_assert_lt(snprintf(path, sizeof paths[0], "%s/%s", folder, name), (int)sizeof paths[0]);
    return path;
}

uint8_t *folder_read(const char *path, size_t *size)
{
    FILE *stream = fopen(path, "rb");
    cr_assert_not_null(stream, "%s", path);
    fseek(stream, 0, SEEK_END);
    *size = (size_t)ftell(stream);
    rewind(stream);
    uint8_t *data = malloc(*size + 1);
    cr_assert_eq(fread(data, 1, *size, stream), *size);
    fclose(stream);
    return data;
}

void folder_write(const char *path, const void *data, size_t size)
{
    FILE *stream = fopen(path, "wb");
    cr_assert_not_null(stream, "%s", path);
    cr_assert_eq(fwrite(data, 1, size, stream), size);
    cr_assert_eq(fclose(stream), 0);
}

void folder_patch(const char *path, size_t offset, uint8_t byte)
{
    int file = open(path, O_WRONLY);
    cr_assert_eq(pwrite(file, &byte, 1, (off_t)offset), 1, "%s", path);
    close(file);
}

int folder_count(void)
{
    DIR *dir = opendir(folder);
    int count = -2; // . and ..
    while (readdir(dir)) count++;
    closedir(dir);
    return count;
}
