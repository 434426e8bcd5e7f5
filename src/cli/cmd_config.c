// SPDX-License-Identifier: MIT
// Settings as a file to begin with.
#include "app.h"
#include "commands.h"
#include "setting_options.h"

#include <stdio.h>

static enum nephos_status print(const struct nephos_config *config)
{
    char *text;
    const enum nephos_status status = nephos_config_text(config, &text);
    if (status != NEPHOS_OK) return status;
    fputs(text, stdout);
    nephos_free(text);
    return status;
}

static int parse_and_print(struct nephos_config *config, struct setting_options *options, int argc, char **argv)
{
    const char *config_path = NULL;
    const struct option own[] = {{"config", OPTION_TEXT, &config_path, "FILE", "settings as lines 'name = value'; options win"}};
    if (!setting_options_list(options, own, 1, config, NULL)) return app_exit_code(NEPHOS_ERROR_MEMORY);
    const struct usage usage = {
        "config",
        "[options]",
        "Prints every setting of nephos train, in groups: what it does, what it may be, its default, and the value that --config\n"
        "and the options give it. The output is itself a file for --config. Ready-made ones are in assets/configs.",
        options->rows,
        options->count,
        "  nephos config > my.ini\n"
        "  nephos config --encoder resnet18 --epochs 20 > my.ini\n"
        "  nephos config --config run/config.ini\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = config_path ? nephos_config_load(config, config_path) : NEPHOS_OK;
    if (status == NEPHOS_OK) status = print(config);
    return app_exit_code(status);
}

int cmd_config(int argc, char **argv)
{
    struct app app = {0};
    struct nephos_config *config = NULL;
    struct setting_options options = {0};
    int code = app_exit_code(NEPHOS_ERROR_MEMORY);
    if (app_open(&app) == NEPHOS_OK && nephos_config_create(app.log, &config) == NEPHOS_OK)
        code = parse_and_print(config, &options, argc, argv);
    nephos_config_destroy(&config);
    app_close(&app);
    setting_options_free(&options);
    return code;
}
