// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

static int parse_and_compare(struct option_list *runs, int argc, char **argv)
{
    struct app app = {0};
    const char *out = NULL;
    const struct option options[] = {{"out", OPTION_TEXT, &out, "PAGE.html", "the page to write", true}};
    const struct usage usage = {
        .command = "compare",
        .synopsis = "RUN... --out PAGE.html",
        .summary =
            "Puts training runs side by side, up to eight: scores of their best epochs, curves, and the settings in which they differ.",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .examples = "  nephos compare run-1 run-2 --out compare.html\n",
        .words = runs,
        .words_name = "RUN",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = nephos_compare(app.log, runs->items, runs->count, out);
    if (status == NEPHOS_OK) printf("comparison            %s\n", out);
    return app_finish(&app, status);
}

int cmd_compare(int argc, char **argv)
{
    struct option_list runs = {calloc((size_t)argc, sizeof *runs.items), 0};
    if (!runs.items) return app_exit_code(NEPHOS_ERROR_MEMORY);
    int code = parse_and_compare(&runs, argc, argv);
    free(runs.items);
    return code;
}
