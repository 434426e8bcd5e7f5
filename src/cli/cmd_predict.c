// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "models.h"
#include "options.h"
#include "progress.h"
#include "signals.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>

static enum nephos_status predict(struct app *app, const struct option_list *paths, const char *precision,
                                  struct nephos_predict_params *params)
{
    struct models models = {0};
    struct progress progress = {0};
    enum nephos_status status = app_open_device(app, false);
    if (status == NEPHOS_OK) status = models_load(app, paths, precision, &models);
    if (status == NEPHOS_OK) {
        params->others = models.items + 1;
        params->other_count = models.count - 1;
        signals_catch();
        status = nephos_predict_files(models.items[0], params, progress_report, &progress);
        progress_end();
    }
    if (status == NEPHOS_OK) {
        printf("masks and overlays    %s\n", params->out_dir);
        if (params->csv) printf("run-length codes      %s\n", params->csv);
    }
    models_free(&models);
    return status;
}

static int parse_and_predict(struct option_list *models, struct option_list *images, int argc, char **argv)
{
    struct app app = {0};
    struct nephos_predict_params params = {0};
    const char *precision = NULL;
    double threshold = 0, class_threshold = 0;
    const struct option options[] = {
        {"model", OPTION_LIST, models, "RUN|FILE...", "run directories (their best models) or .safetensors files; of several the mean",
         true},
        {"images", OPTION_LIST, images, "DIR|FILE...", "images (JPEG, PNG) and folders of images", true},
        {"out", OPTION_TEXT, &params.out_dir, "DIR", "gets IMAGE_CLASS.png and IMAGE_overlay.png; made when missing", true},
        {"threshold", OPTION_NUMBER, &threshold, "T",
         "probability from which a pixel counts as set (default: the model's own, or the rules stored in it)", .low = 0.001, .high = 0.999},
        {"class-threshold", OPTION_NUMBER, &class_threshold, "T",
         "an image gets no mask of a class whose probability by the classification head is lower (default: none is taken away)",
         .low = 0.001, .high = 0.999},
        {"csv", OPTION_TEXT, &params.csv, "FILE", "also write Image_Label,EncodedPixels"},
        {"csv-height", OPTION_COUNT, &params.csv_height, "H", "frame of the codes in FILE (default: the image's own)", .low = 1,
         .high = 65536},
        {"csv-width", OPTION_COUNT, &params.csv_width, "W", "see --csv-height", .low = 1, .high = 65536},
        APP_POST_OPTIONS(params.post),
        {"tta", OPTION_TEXT, &params.tta, "none|flips",
         "flips: mean of the probabilities of the image and its mirror images, in four times the time (default none)"},
        {"batch", OPTION_BATCH, &params.batch, "N|auto", "images per step (default 8); auto: as many as the device has memory for",
         .low = 1, .high = 1024},
        {"threads", OPTION_COUNT, &params.threads, "N", "threads that decode images (default: one per processor)", .low = 1, .high = 256},
        APP_PRECISION_OPTION(precision),
        APP_DEVICE_OPTIONS(app),
    };
    const struct usage usage = {
        "predict",
        "--model RUN|FILE --images DIR|FILE... --out DIR [options]",
        "Writes one mask per image and class (0 or 255, in the image's own size), an overlay picture, and on wish the file to\n"
        "submit.",
        options,
        sizeof options / sizeof options[0],
        "  nephos predict --model run --images clouds/images --out masks\n"
        "  nephos predict --model run --images a.jpg b.png --out masks --threshold 0.6\n"
        "  nephos predict --model run --images test_images --out masks --csv submission.csv --csv-height 350 --csv-width 525\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    if (!params.csv_height != !params.csv_width) {
        terminal_error("--csv-height and --csv-width belong together");
        return EXIT_USAGE;
    }
    params.paths = images->items;
    params.path_count = images->count;
    params.threshold = (float)threshold;
    params.class_threshold = (float)class_threshold;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = predict(&app, models, precision, &params);
    return app_finish(&app, status);
}

int cmd_predict(int argc, char **argv)
{
    struct option_list models = {calloc((size_t)argc, sizeof *models.items), 0};
    struct option_list images = {calloc((size_t)argc, sizeof *images.items), 0};
    if (!models.items || !images.items) {
        free(models.items);
        free(images.items);
        terminal_error("out of memory");
        return app_exit_code(NEPHOS_ERROR_MEMORY);
    }
    int code = parse_and_predict(&models, &images, argc, argv);
    free(models.items);
    free(images.items);
    return code;
}
