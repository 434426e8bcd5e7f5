// SPDX-License-Identifier: MIT
// A config is one text per setting and where it came from; every text in it has been checked. The file format is "name = value",
// one a line, with comments on lines of their own: small enough to read here, with line numbers in messages and no limit on paths.
#include "train/config.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_LIMIT (1u << 20) // bytes of a config file

enum source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_SET };

struct nephos_config {
    struct nephos_log *log;
    char **values; // train_setting_count texts
    enum source *sources;
};

enum nephos_status nephos_config_create(struct nephos_log *log, struct nephos_config **config)
{
    if (!config) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_config_create: config is NULL");
    struct nephos_config *created = calloc(1, sizeof *created);
    enum nephos_status status = NEPHOS_ERROR_MEMORY;
    if (!created) return base_fail(log, status, "out of memory for the settings");
    created->log = log;
    created->values = calloc(train_setting_count, sizeof *created->values);
    created->sources = calloc(train_setting_count, sizeof *created->sources);
    if (!created->values || !created->sources) goto fail;
    for (size_t i = 0; i < train_setting_count; i++) {
        created->values[i] = strdup(train_setting_table[i].default_value);
        if (!created->values[i]) goto fail;
    }
    *config = created;
    return NEPHOS_OK;
fail:
    nephos_config_destroy(&created);
    return base_fail(log, status, "out of memory for the settings");
}

void nephos_config_destroy(struct nephos_config **config)
{
    if (!config || !*config) return;
    for (size_t i = 0; (*config)->values && i < train_setting_count; i++)
        free((*config)->values[i]);
    free((*config)->values);
    free((*config)->sources);
    free(*config);
    *config = NULL;
}

static enum nephos_status unknown_name(const struct nephos_config *config, const char *where, const char *name)
{
    const char **names = calloc(train_setting_count, sizeof *names);
    for (size_t i = 0; names && i < train_setting_count; i++)
        names[i] = train_setting_table[i].name;
    const char *near = names ? nephos_suggest(name, names, train_setting_count) : NULL;
    free(names);
    return base_fail(config->log, NEPHOS_ERROR_ARGUMENT, "%sthere is no setting '%s'%s%s%s", where, name, near ? "; did you mean '" : "",
                     near ? near : "", near ? "'?" : "");
}

static enum nephos_status store(struct nephos_config *config, const char *where, const struct setting *setting, const char *value,
                                enum source source)
{
    struct train_settings scratch;
    enum nephos_status status = setting_parse(config->log, where, setting, value, &scratch);
    if (status != NEPHOS_OK) return status;
    char *copy = strdup(value);
    if (!copy) return base_fail(config->log, NEPHOS_ERROR_MEMORY, "out of memory for setting '%s'", setting->name);
    size_t i = (size_t)(setting - train_setting_table);
    free(config->values[i]);
    config->values[i] = copy;
    config->sources[i] = source;
    return NEPHOS_OK;
}

enum nephos_status nephos_config_set(struct nephos_config *config, const char *name, const char *value)
{
    if (!config || !name || !value)
        return base_fail(config ? config->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_config_set: an argument is NULL");
    const struct setting *setting = setting_find(name);
    if (!setting) return unknown_name(config, "", name);
    return store(config, "", setting, value, SOURCE_SET);
}

// Cuts blanks off both ends, in place.
static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length && strchr(" \t\r", text[length - 1]))
        length--;
    text[length] = 0;
    return text;
}

struct reader {
    struct nephos_config *config;
    const char *path;
    uint32_t line;
    uint32_t *seen; // line of each setting in this file, 0: not yet
};

static enum nephos_status read_line(struct reader *reader, char *text)
{
    struct nephos_log *log = reader->config->log;
    text = trim(text);
    if (!*text || *text == '#' || *text == ';') return NEPHOS_OK;
    if (*text == '[')
        return base_fail(log, NEPHOS_ERROR_DATA, "%s:%u: sections are not used; remove the line '%.40s'", reader->path, reader->line, text);
    char *equals = strchr(text, '=');
    if (!equals)
        return base_fail(log, NEPHOS_ERROR_DATA, "%s:%u: expected 'name = value', found '%.40s'", reader->path, reader->line, text);
    *equals = 0;
    const char *name = trim(text), *value = trim(equals + 1);

    char *where = base_format("%s:%u: ", reader->path, reader->line);
    if (!where) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory while reading %s", reader->path);
    const struct setting *setting = setting_find(name);
    enum nephos_status status = NEPHOS_OK;
    if (!setting) {
        status = unknown_name(reader->config, where, name);
        goto fail;
    }
    size_t i = (size_t)(setting - train_setting_table);
    if (reader->seen[i]) FAIL(log, NEPHOS_ERROR_DATA, "%ssetting '%s' was already given in line %u", where, setting->name, reader->seen[i]);
    reader->seen[i] = reader->line;
    // Checked even where a flag wins, so that a bad file never passes unnoticed.
    struct train_settings scratch;
    if (reader->config->sources[i] == SOURCE_SET)
        TRY(setting_parse(log, where, setting, value, &scratch));
    else
        TRY(store(reader->config, where, setting, value, SOURCE_FILE));
fail:
    free(where);
    return status;
}

static enum nephos_status read_lines(struct reader *reader, char *text)
{
    while (text) {
        char *end = strchr(text, '\n');
        if (end) *end++ = 0;
        reader->line++;
        enum nephos_status status = read_line(reader, text);
        if (status != NEPHOS_OK) return status;
        text = end;
    }
    return NEPHOS_OK;
}

enum nephos_status nephos_config_load(struct nephos_config *config, const char *path)
{
    if (!config || !path) return base_fail(config ? config->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_config_load: an argument is NULL");
    enum nephos_status status;
    char *text = NULL;
    size_t size;
    struct reader reader = {config, path, 0, calloc(train_setting_count, sizeof(uint32_t))};
    if (!reader.seen) FAIL(config->log, NEPHOS_ERROR_MEMORY, "out of memory while reading %s", path);
    TRY(base_file_read(config->log, path, CONFIG_LIMIT, &text, &size));
    if (strlen(text) != size) FAIL(config->log, NEPHOS_ERROR_DATA, "%s: not a text file (zero byte at %zu)", path, strlen(text));
    TRY(read_lines(&reader, text));
fail:
    free(reader.seen);
    free(text);
    return status;
}

const char *nephos_config_get(const struct nephos_config *config, const char *name)
{
    const struct setting *setting = config && name ? setting_find(name) : NULL;
    return setting ? config->values[setting - train_setting_table] : NULL;
}

bool nephos_config_setting(size_t index, struct nephos_setting_info *info)
{
    if (index >= train_setting_count || !info) return false;
    const struct setting *s = &train_setting_table[index];
    const bool number = s->kind == SETTING_COUNT || s->kind == SETTING_FLOAT;
    const char *choices = number ? NULL : s->choices; // a word beside numbers is the help's business
    *info = (struct nephos_setting_info){s->name, setting_type(s), s->default_value, choices, s->help};
    return true;
}

enum nephos_status config_read(const struct nephos_config *config, struct train_settings *settings)
{
    struct train_settings read = {0};
    for (size_t i = 0; i < train_setting_count; i++) {
        enum nephos_status status = setting_parse(config->log, "", &train_setting_table[i], config->values[i], &read);
        if (status != NEPHOS_OK) return status;
    }
    augment_take_preset(&read.augment, read.augment_preset);
    *settings = read;
    return NEPHOS_OK;
}

enum nephos_status config_resolve(const struct nephos_config *config, struct train_settings *settings)
{
    struct train_settings resolved;
    const enum nephos_status status = config_read(config, &resolved);
    if (status != NEPHOS_OK) return status;
    if (!resolved.data) return base_fail(config->log, NEPHOS_ERROR_ARGUMENT, "setting 'data' is missing: name the folder of the data set");
    if (!resolved.out) return base_fail(config->log, NEPHOS_ERROR_ARGUMENT, "setting 'out' is missing: name the run directory to write");
    *settings = resolved;
    return NEPHOS_OK;
}

static bool is_auto(const struct nephos_config *config, size_t index)
{
    return train_setting_table[index].kind == SETTING_COUNT && strcmp(config->values[index], "auto") == 0;
}

enum nephos_status config_save(const struct nephos_config *config, const struct train_settings *settings, const char *path)
{
    struct base_file *file = NULL;
    enum nephos_status status = base_file_create(config->log, path, &file);
    if (status != NEPHOS_OK) return status;
    FILE *stream = base_file_stream(file);
    fprintf(stream, "# nephos %s: every setting of this run; nephos train --config reads this file\n", NEPHOS_VERSION);
    for (size_t i = 0; i < train_setting_count; i++) {
        // A wish about this one call: in the file it would keep a new run from starting with these settings.
        if (strcmp(train_setting_table[i].name, "resume") == 0) continue;
        const struct setting *s = &train_setting_table[i];
        if (is_auto(config, i) && *(const uint32_t *)((const char *)settings + s->offset) != SETTING_AUTO)
            fprintf(stream, "%s = %u\n", s->name, *(const uint32_t *)((const char *)settings + s->offset));
        else
            fprintf(stream, "%s = %s\n", s->name, config->values[i]);
    }
    return base_file_commit(&file);
}
