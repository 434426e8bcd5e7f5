// SPDX-License-Identifier: MIT
// Names of files: listing a folder, extensions, stems.
#include "data/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t data_stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

int data_stem_compare(const char *a, const char *b)
{
    const size_t length_a = data_stem_length(a), length_b = data_stem_length(b);
    const int order = memcmp(a, b, length_a < length_b ? length_a : length_b);
    if (order != 0) return order;
    return (length_a > length_b) - (length_a < length_b);
}

bool data_is_png_name(const char *name)
{
    return strcasecmp(name + data_stem_length(name), ".png") == 0;
}

bool data_is_image_name(const char *name)
{
    const char *extension = name + data_stem_length(name);
    return strcasecmp(extension, ".jpg") == 0 || strcasecmp(extension, ".jpeg") == 0 || strcasecmp(extension, ".png") == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum nephos_status append(struct nephos_log *log, struct data_names *names, uint32_t *capacity, const char *name)
{
    if (names->count == *capacity) {
        const uint32_t grown = *capacity ? 2 * *capacity : 256;
        char **moved = realloc(names->names, grown * sizeof *moved);
        if (!moved) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory at %u file names", names->count);
        names->names = moved;
        *capacity = grown;
    }
    char *copy = strdup(name);
    if (!copy) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory at %u file names", names->count);
    names->names[names->count++] = copy;
    return NEPHOS_OK;
}

enum nephos_status data_names_list(struct nephos_log *log, const char *folder, bool (*wanted)(const char *name), struct data_names *names)
{
    enum nephos_status status = NEPHOS_OK;
    uint32_t capacity = 0;
    *names = (struct data_names){0};
    DIR *dir = opendir(folder);
    if (!dir) return base_fail(log, NEPHOS_ERROR_FILE, "%s: can't open the folder: %s", folder, strerror(errno));
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry && errno) FAIL(log, NEPHOS_ERROR_FILE, "%s: can't read the folder: %s", folder, strerror(errno));
        if (!entry) break;
        if (entry->d_name[0] == '.' || entry->d_type == DT_DIR || !wanted(entry->d_name)) continue;
        TRY(append(log, names, &capacity, entry->d_name));
    }
    closedir(dir);
    if (names->count > 0) qsort(names->names, names->count, sizeof *names->names, compare_names);
    return NEPHOS_OK;
fail:
    closedir(dir);
    data_names_free(names);
    return status;
}

bool data_names_contain(const struct data_names *names, const char *name)
{
    return names->count > 0 && bsearch(&name, names->names, names->count, sizeof *names->names, compare_names);
}

void data_names_free(struct data_names *names)
{
    for (uint32_t i = 0; i < names->count; i++) free(names->names[i]);
    free(names->names);
    *names = (struct data_names){0};
}
