// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"
#include "progress.h"
#include "signals.h"
#include "terminal.h"

#include <stdio.h>

static void print_count(const char *what, uint64_t count)
{
    printf("%-22s%llu\n", what, (unsigned long long)count);
}

static void print_summary(const struct nephos_analysis *result, const struct nephos_analyze_params *params)
{
    print_count("images", result->images);
    if (result->unreadable) print_count("  can't be read", result->unreadable);
    if (result->rows) print_count("rows of train.csv", result->rows);
    if (result->rows) print_count("  empty", result->empty_rows);
    print_count("masks", result->masks);
    print_count("identical images", result->identical);
    print_count("near-duplicates", result->near);
    print_count("errors", result->errors);
    print_count("warnings", result->warnings);
    if (params->html) printf("%-22s%s\n", "report", params->html);
    if (params->json) printf("%-22s%s\n", "figures", params->json);
    fflush(stdout);
    if (result->leaks)
        terminal_message("warning: %llu pairs of alike images are on both sides of the split: scores will look better than they are",
                         (unsigned long long)result->leaks);
}

static enum nephos_status analyze(struct app *app, const struct nephos_analyze_params *params)
{
    struct progress progress = {0};
    struct nephos_analysis result;
    signals_catch();
    const enum nephos_status status = nephos_analyze(app->log, params, progress_report, &progress, &result);
    progress_end();
    if (status == NEPHOS_OK) print_summary(&result, params);
    return status;
}

int cmd_analyze(int argc, char **argv)
{
    struct app app = {0};
    struct nephos_analyze_params params = {0};
    const struct option options[] = {
        {"data", OPTION_TEXT, &params.data, "DIR", "labelled images, in either layout", true},
        {"out", OPTION_TEXT, &params.html, "REPORT.html", "page to write, self-contained"},
        {"json", OPTION_TEXT, &params.json, "FILE", "all figures and every defect as JSON"},
        {"near", OPTION_COUNT, &params.near, "N", "bits of 64 in which the hashes of near-duplicates may differ (default 6)", .low = 1,
         .high = 15},
        {"samples", OPTION_COUNT, &params.samples, "N", "images shown with their masks (default 12)", .low = 1, .high = 200},
        {"threads", OPTION_COUNT, &params.threads, "N", "threads that decode images (default: one per processor)", .low = 1, .high = 256},
    };
    const struct usage usage = {
        "analyze",
        "--data DIR --out REPORT.html [options]",
        "Tells what a data set consists of: images and their sizes, classes and how they occur together, areas and places of masks,\n"
        "brightness and colours, images that are there twice, and everything that is wrong, with file and row. Where a training would\n"
        "stop at the first defect, this goes on to the last.",
        options,
        sizeof options / sizeof options[0],
        "  nephos analyze --data clouds --out clouds.html\n"
        "  nephos analyze --data clouds --out clouds.html --json clouds.json --samples 24\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    if (!params.html && !params.json) {
        terminal_error("nothing to write; name a file with --out or --json");
        return EXIT_USAGE;
    }
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = analyze(&app, &params);
    return app_finish(&app, status);
}
