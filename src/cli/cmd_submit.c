// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>

static void print_text(const char *csv, const struct nephos_submission *s)
{
    printf("%s: %llu rows, %llu with a mask; valid\n", csv, (unsigned long long)s->rows, (unsigned long long)s->masks);
    if (!s->scored) return;
    printf("\n%-16s  %7s  %7s\n", "class", "Dice", "nothing");
    for (uint32_t c = 0; c < s->scores.class_count; c++)
        printf("%-16s  %7.4f  %7.4f\n", s->classes[c], s->scores.classes[c].dice, s->scores.classes[c].predict_nothing);
    printf("%-16s  %7.4f  %7.4f\n", "all", s->scores.dice, s->scores.predict_nothing);
    printf("\n%llu images. nothing: the Dice of a file without any code.\n", (unsigned long long)s->scores.image_count);
}

static json_t *class_array(const struct nephos_submission *s)
{
    json_t *classes = json_array();
    for (uint32_t c = 0; c < s->scores.class_count; c++)
        json_array_append_new(classes, json_pack("{s:s,s:o,s:o}", "name", s->classes[c], "dice", app_json_number(s->scores.classes[c].dice),
                                                 "predict_nothing", app_json_number(s->scores.classes[c].predict_nothing)));
    return classes;
}

static enum nephos_status print_json(const struct nephos_submission *s)
{
    json_t *document = json_pack("{s:I,s:I}", "rows", (json_int_t)s->rows, "masks", (json_int_t)s->masks);
    if (document && s->scored) {
        json_object_set_new(document, "images", json_integer((json_int_t)s->scores.image_count));
        json_object_set_new(document, "dice", app_json_number(s->scores.dice));
        json_object_set_new(document, "predict_nothing", app_json_number(s->scores.predict_nothing));
        json_object_set_new(document, "classes", class_array(s));
    }
    return app_json_print(document);
}

static int parse_and_check(struct option_list *words, int argc, char **argv)
{
    struct app app = {0};
    struct nephos_submission_params params = {0};
    const struct option options[] = {
        {"data", OPTION_TEXT, &params.data, "DIR",
         "labelled images, in either layout: a row for each image and class is asked for, and scored"},
        {"sample", OPTION_TEXT, &params.sample, "FILE", "or the competition's sample_submission.csv: its rows are asked for"},
        {"height", OPTION_COUNT, &params.height, "H", "frame of the codes (default 350)", .low = 1, .high = 65535},
        {"width", OPTION_COUNT, &params.width, "W", "see --height (default 525)", .low = 1, .high = 65535},
        {"json", OPTION_FLAG, &app.json, NULL, "print a JSON object"},
    };
    const struct usage usage = {
        "submit",
        "CSV --data DIR | --sample FILE [options]",
        "Checks a submission file as the competition would: header, each row once, no other, run-length codes that fit the frame; and\n"
        "computes its Dice where labels are given.",
        options,
        sizeof options / sizeof options[0],
        "  nephos submit submission.csv --sample sample_submission.csv\n"
        "  nephos submit predicted.csv --data clouds --json\n",
        .words = words,
        .words_name = "CSV",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    const char *mistake = words->count != 1                 ? "submit checks one CSV at a time"
                          : !params.data == !params.sample  ? "submit needs one of --data and --sample"
                          : !params.height != !params.width ? "--height and --width belong together"
                                                            : NULL;
    if (mistake) {
        terminal_error("%s", mistake);
        return EXIT_USAGE;
    }
    struct nephos_submission result = {0};
    params.csv = words->items[0];
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = nephos_submission_check(app.log, &params, &result);
    if (status == NEPHOS_OK && app.json)
        status = print_json(&result);
    else if (status == NEPHOS_OK)
        print_text(params.csv, &result);
    nephos_submission_free(&result);
    return app_finish(&app, status);
}

int cmd_submit(int argc, char **argv)
{
    struct option_list words = {calloc((size_t)argc, sizeof *words.items), 0};
    if (!words.items) {
        terminal_error("out of memory");
        return app_exit_code(NEPHOS_ERROR_MEMORY);
    }
    const int code = parse_and_check(&words, argc, argv);
    free(words.items);
    return code;
}
