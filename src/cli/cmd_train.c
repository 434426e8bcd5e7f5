// SPDX-License-Identifier: MIT
// Every setting of the library is an option of this command.
#include "app.h"
#include "commands.h"
#include "options.h"
#include "progress.h"
#include "setting_options.h"
#include "signals.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool setting_is(const struct nephos_config *config, const char *name, const char *value)
{
    return !strcmp(nephos_config_get(config, name), value);
}

// A run that goes on keeps its settings, unless a file of others is named.
static enum nephos_status load_files(struct nephos_config *config, const char *config_path)
{
    if (config_path) return nephos_config_load(config, config_path);
    if (!setting_is(config, "resume", "true")) return NEPHOS_OK;
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/config.ini", nephos_config_get(config, "out"));
    if (length < 0 || (size_t)length >= sizeof path || access(path, F_OK)) return NEPHOS_OK;
    return nephos_config_load(config, path);
}

static void print_summary(const struct nephos_config *config, const struct progress *progress)
{
    const char *out = nephos_config_get(config, "out");
    if (!setting_is(config, "folds", "0")) {
        printf("folds                 %s/folds.csv\n", out);
        return;
    }
    const char *monitor = nephos_config_get(config, "monitor");
    if (progress->best_epoch && strcmp(monitor, "val-dice"))
        printf("best epoch            %u by %s, with a validation Dice of %.4f\n", progress->best_epoch, monitor, progress->best_dice);
    else if (progress->best_epoch) printf("best validation Dice  %.4f (epoch %u)\n", progress->best_dice, progress->best_epoch);
    else printf("best validation Dice  unchanged\n");
    printf("model                 %s/best.safetensors\n", out);
    printf("report                %s/report.html\n", out);
    printf("history               %s/history.csv\n", out);
}

static enum nephos_status print_profile(struct nephos_device *device, const char *out)
{
    char *table, path[4096];
    enum nephos_status status = nephos_device_profile_table(device, &table);
    if (status != NEPHOS_OK) return status;
    fputs(table, stdout);
    nephos_free(table);
    snprintf(path, sizeof path, "%s/trace.json", out);
    status = nephos_device_profile_trace(device, path);
    if (status == NEPHOS_OK) printf("trace                 %s (open in a browser's about:tracing or ui.perfetto.dev)\n", path);
    return status;
}

static enum nephos_status train(struct app *app, struct nephos_config *config)
{
    bool profile = setting_is(config, "profile", "true");
    app->select = nephos_config_get(config, "device");
    app->kernels = nephos_config_get(config, "kernels");
    enum nephos_status status = app_open_device(app, profile);
    if (status != NEPHOS_OK) return status;

    struct progress progress = {0};
    const char *out = nephos_config_get(config, "out");
    signals_catch();
    status = nephos_train(app->device, config, progress_report, &progress);
    progress_end();
    if (status == NEPHOS_INTERRUPTED) terminal_message("interrupted; go on with: nephos train --resume --out %s", out);
    if (status == NEPHOS_OK) print_summary(config, &progress);
    if (status == NEPHOS_OK && profile) status = print_profile(app->device, out);
    return status;
}

static int parse_and_train(struct app *app, struct nephos_config *config, struct setting_options *options, int argc, char **argv)
{
    const char *config_path = NULL;
    const struct option own[] = {{"config", OPTION_TEXT, &config_path, "FILE", "settings as lines 'name = value'; options win"}};
    if (!setting_options_list(options, own, 1, config, NULL)) return app_exit_code(NEPHOS_ERROR_MEMORY);
    const struct usage usage = {
        "train", "--data DIR --out RUN [options]",
        "Trains a network. DIR holds train.csv (Image_Label,EncodedPixels) and the images, or images/ and masks/. RUN gets\n"
        "config.ini, split.csv, last.safetensors, best.safetensors, history.csv and report.html. Ctrl-C keeps a checkpoint;\n"
        "--resume --out RUN goes on from it, with the settings of that run.",
        options->rows, options->count,
        "  nephos train --data clouds --out run --encoder resnet18 --epochs 20\n"
        "  nephos train --data clouds --out small --encoder resnet18 --encoder-width 8 --height 64 --width 96\n"
        "  nephos train --data clouds --out run2 --config run/config.ini --lr 3e-4\n"
        "  nephos train --resume --out run\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = load_files(config, config_path);
    if (status == NEPHOS_OK) status = train(app, config);
    return app_exit_code(status);
}

int cmd_train(int argc, char **argv)
{
    struct app app = {0};
    struct nephos_config *config = NULL;
    struct setting_options options = {0};
    int code = app_exit_code(NEPHOS_ERROR_MEMORY);
    if (app_open(&app) == NEPHOS_OK && nephos_config_create(app.log, &config) == NEPHOS_OK)
        code = parse_and_train(&app, config, &options, argc, argv);
    nephos_config_destroy(&config);
    app_close(&app);
    setting_options_free(&options);
    return code;
}
