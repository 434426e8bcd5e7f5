// SPDX-License-Identifier: MIT
// A temporary folder and a silent log for one test: .init = folder_setup, .fini = folder_teardown.
#ifndef COMMON_FOLDER_H
#define COMMON_FOLDER_H

#include "base/status.h"

extern struct nephos_log *folder_log;

void folder_setup(void);
void folder_teardown(void);
// Path of a file in the folder; the last eight results stay valid.
const char *folder_file(const char *name);
// Whole file, malloc'ed.
uint8_t *folder_read(const char *path, size_t *size);
void folder_write(const char *path, const void *data, size_t size);
// Changes one byte of a file in place: much faster than writing the file again.
void folder_patch(const char *path, size_t offset, uint8_t byte);
// Number of entries in the folder.
int folder_count(void);

#endif
