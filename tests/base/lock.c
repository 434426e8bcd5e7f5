// SPDX-License-Identifier: MIT
#include "base/lock.h"
#include "base/file.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(lock, .init = folder_setup, .fini = folder_teardown);

static enum nephos_status take(struct base_lock **lock)
{
    return base_lock_take(folder_log, folder_file("lock"), "the run", lock);
}

Test(lock, a_second_holder_is_refused_and_told_who_holds_it)
{
    struct base_lock *first = NULL, *second = NULL;
    char holder[64];
    cr_assert_eq(take(&first), NEPHOS_OK);
    cr_assert_eq(take(&second), NEPHOS_ERROR_ARGUMENT);
    snprintf(holder, sizeof holder, "the run is in use by process %ld", (long)getpid());
    cr_assert_str_eq(nephos_last_error(folder_log), holder);
    cr_assert_null(second);
    base_lock_release(&first);
    cr_assert_not(base_file_exists(folder_file("lock")));
    cr_assert_eq(take(&second), NEPHOS_OK);
    base_lock_release(&second);
    base_lock_release(&second);
}

Test(lock, a_process_that_dies_leaves_no_lock)
{
    const pid_t child = fork();
    struct base_lock *lock = NULL;
    if (child == 0) _exit(take(&lock) == NEPHOS_OK ? 0 : 1); // without letting go
    int code = -1;
    cr_assert_eq(waitpid(child, &code, 0), child);
    cr_assert_eq(code, 0);
    cr_assert(base_file_exists(folder_file("lock")), "the file stays, the lock does not");
    cr_assert_eq(take(&lock), NEPHOS_OK);
    base_lock_release(&lock);
}

Test(lock, a_folder_that_is_not_there_fails)
{
    struct base_lock *lock = NULL;
    cr_assert_eq(base_lock_take(folder_log, folder_file("none/lock"), "the run", &lock), NEPHOS_ERROR_FILE);
    cr_assert_null(lock);
}
