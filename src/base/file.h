// SPDX-License-Identifier: MIT
// Files: reading whole with a bound, writing so that the old content or the new one is there, never half of it.
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/status.h"

#include <stdio.h>

// Reads a whole file (malloc'ed, NUL-terminated behind the last byte). Fails with NEPHOS_ERROR_FILE, or NEPHOS_ERROR_DATA above `limit`
// bytes.
enum nephos_status base_file_read(struct nephos_log *log, const char *path, uint64_t limit, char **data, size_t *size);

// Atomic writing: create opens "PATH.tmp.PID", commit flushes, fsyncs, renames over PATH and fsyncs the folder; abort removes the
// temporary file. Write errors (also a full disk) are reported by commit. `*file` is NULL afterwards in every case.
struct base_file;
enum nephos_status base_file_create(struct nephos_log *log, const char *path, struct base_file **file);
FILE *base_file_stream(struct base_file *file);
enum nephos_status base_file_commit(struct base_file **file);
void base_file_abort(struct base_file **file);
// create + write + commit.
enum nephos_status base_file_write(struct nephos_log *log, const char *path, const void *data, size_t size);
// Adds to the end of a file, made when missing, and syncs it. Not atomic: a power cut may leave a part of `data`.
enum nephos_status base_file_append(struct nephos_log *log, const char *path, const void *data, size_t size);

// Creates a folder and its missing parents.
enum nephos_status base_dir_create(struct nephos_log *log, const char *path);
// A second name for a file, in place of what `to` was. False where the file system knows no links.
bool base_file_link(const char *from, const char *to);
bool base_file_exists(const char *path);
bool base_dir_exists(const char *path);

// printf into a fresh string, in the C locale; NULL when memory is out.
char *base_format(const char *format, ...) NEPHOS_PRINTF(1, 2);

#endif
