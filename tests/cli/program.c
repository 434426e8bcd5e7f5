// SPDX-License-Identifier: MIT
#include "cli/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char folder[] = "/tmp/nephos-cli-XXXXXX";
static struct program_result result;

void program_init(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(setenv("T", folder, 1), 0);
}

void program_fini(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

static void read_back(const char *name, char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/.%s", folder, name);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "no %s", path);
    text[fread(text, 1, OUTPUT_SIZE - 1, file)] = 0;
    fclose(file);
}

const struct program_result *program_run(const char *command)
{
    static char line[8192];
    int length = snprintf(line, sizeof line, "cd \"$T\"; P='%s'; nephos() { \"$P\" \"$@\"; }; { %s\n} >.out 2>.err </dev/null",
                          NEPHOS_PROGRAM, command);
    cr_assert(length > 0 && (size_t)length < sizeof line);
    int status = system(line);
    cr_assert(WIFEXITED(status));
    result.code = WEXITSTATUS(status);
    read_back("out", result.out);
    read_back("err", result.err);
    // The layer writes to standard output, where the test run could not see it.
    cr_assert(!strstr(result.out, "Validation Error") && !strstr(result.out, "SYNC-HAZARD"), "%s\n%s", command, result.out);
    return &result;
}

const struct program_result *program_expect(int code, const char *command)
{
    program_run(command);
    cr_assert_eq(result.code, code, "%s\nexit code %d, expected %d\n%s%s", command, result.code, code, result.out, result.err);
    return &result;
}
