// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "setting_options.h"

#include <stdio.h>
#include <string.h>

static bool is_wanted(const char *setting)
{
    static const char *const names[] = {"data", "height", "width", "flip", "seed", "val-share", "threads", "device", "kernels"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(setting, names[i])) return true;
    return !strncmp(setting, "augment", strlen("augment"));
}

static enum nephos_status draw(struct app *app, const struct nephos_config *config, const struct nephos_augment_params *params)
{
    app->select = nephos_config_get(config, "device");
    app->kernels = nephos_config_get(config, "kernels");
    enum nephos_status status = app_open_device(app, false);
    if (status == NEPHOS_OK) status = nephos_augment_sheet(app->device, config, params);
    if (status == NEPHOS_OK) printf("%s\n", params->out);
    return status;
}

static int parse_and_draw(struct app *app, struct nephos_config *config, struct setting_options *options, int argc, char **argv)
{
    struct nephos_augment_params params = {0};
    const char *config_path = NULL;
    const struct option own[] = {
        {"out", OPTION_TEXT, &params.out, "FILE", "PNG to write", true},
        {"count", OPTION_COUNT, &params.images, "N", "images, one a row (default 4)", .low = 1, .high = 64},
        {"variants", OPTION_COUNT, &params.variants, "N", "variants of each, one a column behind the image as it is (default 6)", .low = 1,
         .high = 64},
        {"config", OPTION_TEXT, &config_path, "FILE", "settings as lines 'name = value'; options win"},
    };
    if (!setting_options_list(options, own, sizeof own / sizeof own[0], config, is_wanted)) return app_exit_code(NEPHOS_ERROR_MEMORY);
    const struct usage usage = {
        "augment",
        "--data DIR --out SHEET.png [options]",
        "Draws what a training with these settings sees: a row per image, first as it is, then as in the first epochs, with\n"
        "outlines of the masks. The same seed shows the same changes as the training makes.",
        options->rows,
        options->count,
        "  nephos augment --data clouds --out sheet.png --augment clouds\n"
        "  nephos augment --data clouds --out sheet.png --augment none --augment-rotate-p 1 --augment-rotate 90 --count 2\n"
        "  nephos augment --data clouds --out sheet.png --config run/config.ini\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = config_path ? nephos_config_load(config, config_path) : NEPHOS_OK;
    if (status == NEPHOS_OK) status = draw(app, config, &params);
    return app_exit_code(status);
}

int cmd_augment(int argc, char **argv)
{
    struct app app = {0};
    struct nephos_config *config = NULL;
    struct setting_options options = {0};
    int code = app_exit_code(NEPHOS_ERROR_MEMORY);
    if (app_open(&app) == NEPHOS_OK && nephos_config_create(app.log, &config) == NEPHOS_OK)
        code = parse_and_draw(&app, config, &options, argc, argv);
    nephos_config_destroy(&config);
    app_close(&app);
    setting_options_free(&options);
    return code;
}
