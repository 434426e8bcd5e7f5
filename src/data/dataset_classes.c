// SPDX-License-Identifier: MIT
// The classes of a data set, from classes.txt or one by one.
#include "base/file.h"
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#define CLASSES_LIMIT ((uint64_t)1 << 20)

uint32_t data_classes_find(const struct data_set *set, const char *name)
{
    uint32_t index = 0;
    while (index < set->class_count && strcmp(set->classes[index], name) != 0) index++;
    return index;
}

bool data_class_name_allowed(const char *name)
{
    if (!*name) return false;
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || strchr("/\\,\"", *name)) return false;
    return true;
}

enum nephos_status data_classes_add(struct data_set *set, const char *where, const char *name, uint32_t limit)
{
    if (!data_class_name_allowed(name))
        return base_fail(set->log, NEPHOS_ERROR_DATA,
                         "%s: \"%s\" is no class name; it must not be empty or contain / \\ , \" or control characters", where, name);
    if (data_classes_find(set, name) < set->class_count)
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: class \"%s\" is there twice", where, name);
    if (set->class_count == limit)
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: class \"%s\" is one too many; at most %u are allowed%s", where, name, limit,
                         limit == DATA_MAX_OVERLAPPING ? " where classes may overlap" : "");
    char **classes = realloc(set->classes, (set->class_count + 1) * sizeof *classes);
    if (classes) set->classes = classes;
    char *copy = strdup(name);
    if (!classes || !copy) {
        free(copy);
        return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", where);
    }
    set->classes[set->class_count++] = copy;
    return NEPHOS_OK;
}

// Cuts white space off both ends in place.
static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1])) length--;
    text[length] = '\0';
    return text;
}

enum nephos_status data_classes_read(struct data_set *set, const char *path, uint32_t limit)
{
    enum nephos_status status = NEPHOS_OK;
    char *text = NULL;
    size_t size;
    TRY(base_file_read(set->log, path, CLASSES_LIMIT, &text, &size));
    char *at = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text;
    // Empty lines at the end don't count; one in between would shift the indices, and fails as an empty name.
    size_t end = strlen(at);
    while (end > 0 && strchr(" \t\r\n", at[end - 1])) at[--end] = '\0';
    for (uint32_t line = 1; end > 0 && at; line++) {
        char *rest = strchr(at, '\n');
        if (rest) *rest++ = '\0';
        char where[4096];
        snprintf(where, sizeof where, "%s:%u", path, line);
        TRY(data_classes_add(set, where, trim(at), limit));
        at = rest;
    }
    if (set->class_count == 0) FAIL(set->log, NEPHOS_ERROR_DATA, "%s: names no class; one name a line is expected", path);
fail:
    free(text);
    return status;
}
