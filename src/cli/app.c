// SPDX-License-Identifier: MIT
#include "app.h"

#include "software.h"
#include "terminal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum nephos_status app_open(struct app *app)
{
    enum nephos_status status = nephos_log_create(terminal_log, NULL, NEPHOS_LOG_INFO, &app->log);
    if (status != NEPHOS_OK) terminal_error("out of memory");
    return status;
}

// A relative XDG_CACHE_HOME is invalid by its specification and counts as unset.
static bool cache_dir(char *path, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (cache && *cache == '/') length = snprintf(path, size, "%s/nephos", cache);
    else if (home && *home == '/') length = snprintf(path, size, "%s/.cache/nephos", home);
    return length > 0 && (size_t)length < size;
}

enum nephos_status app_open_device(struct app *app, bool profile)
{
    char path[4096];
    software_settings();
    const struct nephos_device_params params = {
        .select = app->select,
        .kernels = app->kernels,
        .cache_dir = cache_dir(path, sizeof path) ? path : NULL,
        .profile = profile,
    };
    return nephos_device_open(app->log, &params, &app->device);
}

void app_close(struct app *app)
{
    nephos_device_destroy(&app->device);
    nephos_log_destroy(&app->log);
}

int app_finish(struct app *app, enum nephos_status status)
{
    app_close(app);
    return app_exit_code(status);
}

int app_exit_code(enum nephos_status status)
{
    if (status == NEPHOS_INTERRUPTED) return 130;
    if (status == NEPHOS_ERROR_FILE) return 1;
    return -(int)status;
}

json_t *app_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

enum nephos_status app_json_print(json_t *document)
{
    if (!document) {
        terminal_error("out of memory for the JSON output");
        return NEPHOS_ERROR_MEMORY;
    }
    int failed = json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(document);
    return failed ? NEPHOS_ERROR_FILE : NEPHOS_OK;
}
