// SPDX-License-Identifier: MIT
// Public entry point: training runs side by side.
#include "base/file.h"
#include "report/compare.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SETTINGS 512

struct comparison {
    struct nephos_log *log;
    uint32_t count;
    struct compare_run runs[COMPARE_MAX];
    struct nephos_config *configs[COMPARE_MAX];
    struct compare_setting settings[MAX_SETTINGS];
    uint32_t setting_count;
};

static enum nephos_status load_run(struct comparison *c, const char *folder)
{
    const uint32_t index = c->count;
    char *history = base_format("%s/history.csv", folder), *config = base_format("%s/config.ini", folder);
    enum nephos_status status = NEPHOS_OK;
    if (!history || !config) FAIL(c->log, NEPHOS_ERROR_MEMORY, "comparison: out of memory");
    if (!base_file_exists(history))
        FAIL(c->log, NEPHOS_ERROR_FILE, "%s: missing; %s is no run directory, or its first epoch has not ended", history, folder);
    c->runs[index].name = folder;
    TRY(history_load(c->log, history, UINT32_MAX, &c->runs[index].history));
    c->count++;
    TRY(nephos_config_create(c->log, &c->configs[index]));
    TRY(nephos_config_load(c->configs[index], config));
fail:
    free(history);
    free(config);
    return status;
}

// Where a run is written to and how it was started is no property of the run.
static bool is_of_interest(const char *name)
{
    return strcmp(name, "out") != 0 && strcmp(name, "resume") != 0;
}

static void add_if_different(struct comparison *c, const char *name)
{
    struct compare_setting setting = {.name = name};
    bool differs = false;
    for (uint32_t i = 0; i < c->count; i++) {
        setting.values[i] = nephos_config_get(c->configs[i], name);
        differs |= strcmp(setting.values[i], setting.values[0]) != 0;
    }
    if (differs && c->setting_count < MAX_SETTINGS) c->settings[c->setting_count++] = setting;
}

static enum nephos_status compare(struct comparison *c, const char *const *runs, size_t count, const char *path)
{
    enum nephos_status status = NEPHOS_OK;
    struct nephos_setting_info info;
    for (size_t i = 0; i < count; i++)
        TRY(load_run(c, runs[i]));
    for (size_t i = 0; nephos_config_setting(i, &info); i++) {
        if (is_of_interest(info.name)) add_if_different(c, info.name);
    }
    status = compare_write(c->log, path, &(struct compare){c->runs, c->count, c->settings, c->setting_count});
fail:
    return status;
}

enum nephos_status nephos_compare(struct nephos_log *log, const char *const *runs, size_t count, const char *path)
{
    if (!runs || !path || count < 1) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_compare: no runs, or no page to write");
    if (count > COMPARE_MAX)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%zu runs: at most %d can be told apart on a page", count, COMPARE_MAX);
    struct comparison *c = calloc(1, sizeof *c);
    if (!c) return base_fail(log, NEPHOS_ERROR_MEMORY, "comparison: out of memory");
    c->log = log;
    const enum nephos_status status = compare(c, runs, count, path);
    for (uint32_t i = 0; i < COMPARE_MAX; i++) {
        history_free(&c->runs[i].history);
        nephos_config_destroy(&c->configs[i]);
    }
    free(c);
    return status;
}
