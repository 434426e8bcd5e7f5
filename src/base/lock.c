// SPDX-License-Identifier: MIT
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct base_lock {
    int file;
    char *path;
};

// The holder writes its process id into the file.
static enum nephos_status refuse(struct nephos_log *log, int file, const char *what)
{
    char holder[24];
    const ssize_t length = pread(file, holder, sizeof holder - 1, 0);
    holder[length > 0 ? length : 0] = '\0';
    return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%s is in use by process %s", what, *holder ? holder : "of another program");
}

// The one who held the lock removes the file: then what was locked is no longer what the name stands for.
static bool is_current(int file, const char *path)
{
    struct stat held, named;
    return fstat(file, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static enum nephos_status open_and_lock(struct nephos_log *log, const char *path, const char *what, int *file)
{
    for (;;) {
        *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (*file < 0) return base_fail(log, NEPHOS_ERROR_FILE, "%s: %s", path, strerror(errno));
        if (flock(*file, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EINTR) {
                close(*file);
                continue;
            }
            enum nephos_status status = NEPHOS_OK;
            if (errno == EWOULDBLOCK)
                status = refuse(log, *file, what);
            else
                base_warn(log, "%s: no locks here (%s); two processes in one folder would spoil each other's files", path, strerror(errno));
            close(*file);
            *file = -1;
            return status;
        }
        if (is_current(*file, path)) return NEPHOS_OK;
        close(*file);
    }
}

enum nephos_status base_lock_take(struct nephos_log *log, const char *path, const char *what, struct base_lock **lock)
{
    struct base_lock *taken = calloc(1, sizeof *taken);
    char *copy = strdup(path), text[24];
    enum nephos_status status = NEPHOS_OK;
    int file = -1;
    if (!taken || !copy) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
    TRY(open_and_lock(log, path, what, &file));
    *lock = NULL;
    if (file < 0) goto fail;
    // A reader that finds nothing names no process: not worth a failure.
    const int length = snprintf(text, sizeof text, "%ld", (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, text, (size_t)length, 0) != length) base_debug(log, "%s: can't be written", path);
    *taken = (struct base_lock){file, copy};
    *lock = taken;
    return NEPHOS_OK;
fail:
    free(taken);
    free(copy);
    return status;
}

void base_lock_release(struct base_lock **lock)
{
    if (!*lock) return;
    unlink((*lock)->path); // before it is let go of, so that nobody locks a file that is about to vanish unseen
    close((*lock)->file);
    free((*lock)->path);
    free(*lock);
    *lock = NULL;
}
