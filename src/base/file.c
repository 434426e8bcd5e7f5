// SPDX-License-Identifier: MIT
// Files and folders on top of POSIX.
#include "base/file.h"

#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct base_file {
    struct nephos_log *log;
    FILE *stream;
    char *path, *temporary;
};

char *base_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    const struct base_locale locale = base_locale_enter();
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    va_end(arguments);
    base_locale_leave(locale);
    return text;
}

bool base_file_link(const char *from, const char *to)
{
    unlink(to);
    return link(from, to) == 0;
}

bool base_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

bool base_dir_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static enum nephos_status out_of_memory(struct nephos_log *log, const char *path)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
}

// --- reading ----------------------------------------------------------------------------------------------------------

// What to ask for first: the file's size where it is known, else (a pipe) a guess.
static size_t first_capacity(FILE *stream, uint64_t limit)
{
    struct stat info;
    uint64_t size = 1 << 16;
    if (fstat(fileno(stream), &info) == 0 && S_ISREG(info.st_mode)) size = (uint64_t)info.st_size + 1;
    return (size_t)(size > limit ? limit + 1 : size);
}

static enum nephos_status read_stream(struct nephos_log *log, const char *path, FILE *stream, uint64_t limit, char **data, size_t *size)
{
    enum nephos_status status = NEPHOS_OK;
    size_t capacity = first_capacity(stream, limit), used = 0;
    char *bytes = malloc(capacity + 1);
    if (!bytes) return out_of_memory(log, path);
    for (;;) {
        used += fread(bytes + used, 1, capacity - used, stream);
        if (ferror(stream)) FAIL(log, NEPHOS_ERROR_FILE, "%s: can't read: %s", path, strerror(errno));
        if (used > limit) FAIL(log, NEPHOS_ERROR_DATA, "%s: larger than the %llu bytes allowed here", path, (unsigned long long)limit);
        if (used < capacity) break;
        char *grown = realloc(bytes, 2 * capacity + 1);
        if (!grown) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory at %zu bytes", path, capacity);
        bytes = grown;
        capacity *= 2;
    }
    bytes[used] = '\0';
    *data = bytes;
    *size = used;
    return NEPHOS_OK;
fail:
    free(bytes);
    return status;
}

enum nephos_status base_file_read(struct nephos_log *log, const char *path, uint64_t limit, char **data, size_t *size)
{
    FILE *stream = fopen(path, "rbe");
    if (!stream) return base_fail(log, NEPHOS_ERROR_FILE, "%s: can't open: %s", path, strerror(errno));
    // Buffers would only be copied once more: the whole file goes into one block.
    setvbuf(stream, NULL, _IONBF, 0);
    const enum nephos_status status = read_stream(log, path, stream, limit, data, size);
    fclose(stream);
    return status;
}

// --- writing ----------------------------------------------------------------------------------------------------------

static void file_free(struct base_file **file)
{
    free((*file)->path);
    free((*file)->temporary);
    free(*file);
    *file = NULL;
}

enum nephos_status base_file_create(struct nephos_log *log, const char *path, struct base_file **file)
{
    enum nephos_status status = NEPHOS_OK;
    *file = NULL;
    struct base_file *created = calloc(1, sizeof *created);
    if (!created) return out_of_memory(log, path);
    created->log = log;
    created->path = strdup(path);
    created->temporary = base_format("%s.tmp.%ld", path, (long)getpid());
    if (!created->path || !created->temporary) {
        status = out_of_memory(log, path);
        goto fail;
    }
    created->stream = fopen(created->temporary, "wbe");
    if (!created->stream) FAIL(log, NEPHOS_ERROR_FILE, "%s: can't create: %s", created->temporary, strerror(errno));
    *file = created;
    return NEPHOS_OK;
fail:
    file_free(&created);
    return status;
}

FILE *base_file_stream(struct base_file *file)
{
    return file->stream;
}

void base_file_abort(struct base_file **file)
{
    if (!file || !*file) return;
    if ((*file)->stream) fclose((*file)->stream);
    unlink((*file)->temporary);
    file_free(file);
}

// The rename itself must reach the disk. Some file systems can't sync a folder: nothing is lost by going on then.
static void sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder) return;
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(folder);
}

// Writes what is buffered, syncs and closes; errno's value, 0 where all went well, -1 where an earlier write had failed.
static int finish_stream(FILE *stream)
{
    errno = 0;
    const bool written = !ferror(stream) && fflush(stream) == 0 && fsync(fileno(stream)) == 0;
    const int error = written ? 0 : errno ? errno : -1;
    // Closed in any case: some file systems report a full disk only here.
    return fclose(stream) != 0 && written ? errno : error;
}

static enum nephos_status cant_write(struct nephos_log *log, const char *path, int error)
{
    return base_fail(log, NEPHOS_ERROR_FILE, "%s: can't write: %s", path, error > 0 ? strerror(error) : "an earlier write failed");
}

enum nephos_status base_file_commit(struct base_file **file)
{
    enum nephos_status status = NEPHOS_OK;
    struct base_file *f = *file;
    const int error = finish_stream(f->stream);
    f->stream = NULL;
    if (error) {
        status = cant_write(f->log, f->temporary, error);
        goto fail;
    }
    if (rename(f->temporary, f->path) != 0)
        FAIL(f->log, NEPHOS_ERROR_FILE, "%s: can't replace it by %s: %s", f->path, f->temporary, strerror(errno));
    sync_folder_of(f->path);
    file_free(file);
    return NEPHOS_OK;
fail:
    base_file_abort(file);
    return status;
}

enum nephos_status base_file_write(struct nephos_log *log, const char *path, const void *data, size_t size)
{
    struct base_file *file;
    const enum nephos_status status = base_file_create(log, path, &file);
    if (status != NEPHOS_OK) return status;
    if (size > 0) fwrite(data, 1, size, file->stream); // commit sees a failure through ferror
    return base_file_commit(&file);
}

enum nephos_status base_file_append(struct nephos_log *log, const char *path, const void *data, size_t size)
{
    FILE *stream = fopen(path, "abe");
    if (!stream) return base_fail(log, NEPHOS_ERROR_FILE, "%s: can't open to append: %s", path, strerror(errno));
    if (size > 0) fwrite(data, 1, size, stream); // finish_stream sees a failure through ferror
    const int error = finish_stream(stream);
    return error ? cant_write(log, path, error) : NEPHOS_OK;
}

// --- folders ----------------------------------------------------------------------------------------------------------

static enum nephos_status make_one(struct nephos_log *log, const char *path)
{
    if (mkdir(path, 0777) == 0) return NEPHOS_OK;
    const int error = errno; // EEXIST, or EROFS and the like for a folder that is there
    if (base_dir_exists(path)) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_FILE, "%s: can't create the folder: %s", path, strerror(error));
}

enum nephos_status base_dir_create(struct nephos_log *log, const char *path)
{
    enum nephos_status status = NEPHOS_OK;
    char *part = strdup(path);
    if (!part) return out_of_memory(log, path);
    for (char *p = part; *p; p++) {
        if (*p != '/' || p == part) continue;
        *p = '\0';
        TRY(make_one(log, part));
        *p = '/';
    }
    TRY(make_one(log, part));
fail:
    free(part);
    return status;
}
