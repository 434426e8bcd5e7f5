// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "models.h"
#include "options.h"
#include "progress.h"
#include "search.h"
#include "signals.h"
#include "terminal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_score(double value)
{
    if (isfinite(value))
        printf("  %7.4f", value);
    else
        printf("  %7s", "-");
}

static void print_row(const char *name, const double *scores, unsigned count)
{
    printf("%-16s", name);
    for (unsigned i = 0; i < count; i++)
        print_score(scores[i]);
    putchar('\n');
}

static void print_table(const struct nephos_scores *s, const struct nephos_model_info *info)
{
    const unsigned columns = info->class_head ? 5 : 3;
    printf("%-16s  %7s  %7s  %7s%s\n", "class", "Dice", "IoU", "nothing", info->class_head ? "   PR-AUC  ROC-AUC" : "");
    for (uint32_t c = 0; c < s->class_count; c++) {
        const struct nephos_class_scores *k = &s->classes[c];
        print_row(info->classes[c], (const double[]){k->dice, k->iou, k->predict_nothing, k->pr_auc, k->roc_auc}, columns);
    }
    print_row("all", (const double[]){s->dice, s->mean_iou, s->predict_nothing, s->pr_auc, s->roc_auc}, columns);
    printf("\n%llu images, pixel accuracy %.4f\n", (unsigned long long)s->image_count, s->accuracy);
    printf("Dice: mean over image x class, both empty counts as 1. nothing: the Dice of predicting no cloud at all.\n");
    if (info->class_head) printf("PR-AUC, ROC-AUC: how well the classification head tells images with the class from those without.\n");
}

static json_t *class_json(const char *name, const struct nephos_class_scores *s)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:o,s:o}", "name", name, "dice", app_json_number(s->dice), "iou",
                     app_json_number(s->iou), "predict_nothing", app_json_number(s->predict_nothing), "tp", (json_int_t)s->tp, "fp",
                     (json_int_t)s->fp, "fn", (json_int_t)s->fn, "tn", (json_int_t)s->tn, "pr_auc", app_json_number(s->pr_auc), "roc_auc",
                     app_json_number(s->roc_auc));
}

static enum nephos_status print_json(const struct nephos_scores *scores, const struct nephos_model_info *info)
{
    json_t *classes = json_array();
    for (uint32_t c = 0; c < scores->class_count; c++)
        json_array_append_new(classes, class_json(info->classes[c], &scores->classes[c]));
    return app_json_print(json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "images", (json_int_t)scores->image_count, "dice",
                                    app_json_number(scores->dice), "mean_iou", app_json_number(scores->mean_iou), "accuracy",
                                    app_json_number(scores->accuracy), "predict_nothing", app_json_number(scores->predict_nothing),
                                    "pr_auc", app_json_number(scores->pr_auc), "roc_auc", app_json_number(scores->roc_auc), "classes",
                                    classes));
}

static enum nephos_status evaluate(struct app *app, const struct option_list *paths, const char *precision, struct nephos_evaluate_params *params, const bool search[2])
{
    struct models models = {0};
    struct nephos_scores scores = {0};
    struct progress progress = {0};
    enum nephos_status status = app_open_device(app, false);
    if (status == NEPHOS_OK) status = models_load(app, paths, precision, &models);
    if (status == NEPHOS_OK) {
        params->others = models.items + 1;
        params->other_count = models.count - 1;
    }
    if (status == NEPHOS_OK && search[0]) {
        status = search_run(app, models.items[0], params, search[1]);
        models_free(&models);
        return status;
    }
    if (status == NEPHOS_OK) {
        signals_catch();
        status = nephos_evaluate(models.items[0], params, progress_report, &progress, &scores);
        progress_end();
    }
    if (status == NEPHOS_OK && app->json)
        status = print_json(&scores, nephos_model_get_info(models.items[0]));
    else if (status == NEPHOS_OK)
        print_table(&scores, nephos_model_get_info(models.items[0]));
    nephos_scores_free(&scores);
    models_free(&models);
    return status;
}

static int parse_and_evaluate(struct option_list *models, int argc, char **argv)
{
    struct app app = {0};
    struct nephos_evaluate_params params = {.split = "val"};
    const char *precision = NULL;
    double threshold = 0, class_threshold = 0;
    bool search[2] = {false, false}; // for rules, and store them
    const struct option options[] = {
        {"model", OPTION_LIST, models, "RUN|FILE...", "run directories (their best models) or .safetensors files; of several the mean", true},
        {"data", OPTION_TEXT, &params.data, "DIR", "labelled images, in either layout", true},
        {"split", OPTION_TEXT, &params.split, "train|val|test|all", "part of the data (default val)"},
        {"threshold", OPTION_NUMBER, &threshold, "T", "probability from which a pixel counts as set (default: the model's own, or the rules stored in it)",
         .low = 0.001, .high = 0.999},
        {"class-threshold", OPTION_NUMBER, &class_threshold, "T",
         "an image gets no mask of a class whose probability by the classification head is lower (default: none is taken away)",
         .low = 0.001, .high = 0.999},
        APP_POST_OPTIONS(params.post),
        {"search", OPTION_FLAG, &search[0], NULL,
         "find each class's best threshold, class threshold and least area: every other image chooses, the others tell what they bring"},
        {"store", OPTION_FLAG, &search[1], NULL, "with --search: put what was found into the model file, for evaluate and predict"},
        {"tta", OPTION_TEXT, &params.tta, "none|flips",
         "flips: mean of the probabilities of the image and its mirror images, in four times the time (default none)"},
        {"batch", OPTION_BATCH, &params.batch, "N|auto", "images per step (default 8); auto: as many as the device has memory for",
         .low = 1, .high = 1024},
        {"threads", OPTION_COUNT, &params.threads, "N", "threads that decode images (default: one per processor)", .low = 1, .high = 256},
        APP_PRECISION_OPTION(precision),
        APP_DEVICE_OPTIONS(app),
        {"json", OPTION_FLAG, &app.json, NULL, "print a JSON object"},
    };
    const struct usage usage = {
        "evaluate",
        "--model RUN|FILE --data DIR [options]",
        "Scores a model: Dice as the competition computes it, per-class Dice and IoU, and what predicting nothing would score.\n"
        "The validation part is the one the run was trained without.",
        options,
        sizeof options / sizeof options[0],
        "  nephos evaluate --model run --data clouds\n"
        "  nephos evaluate --model run/best.safetensors --data clouds --split all --json\n"
        "  nephos evaluate --model run --data clouds --search --store\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    if (search[1] && !search[0]) {
        terminal_error("--store belongs to --search");
        return EXIT_USAGE;
    }
    params.threshold = (float)threshold;
    params.class_threshold = (float)class_threshold;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = evaluate(&app, models, precision, &params, search);
    return app_finish(&app, status);
}

int cmd_evaluate(int argc, char **argv)
{
    struct option_list models = {calloc((size_t)argc, sizeof *models.items), 0};
    if (!models.items) {
        terminal_error("out of memory");
        return app_exit_code(NEPHOS_ERROR_MEMORY);
    }
    int code = parse_and_evaluate(&models, argc, argv);
    free(models.items);
    return code;
}
