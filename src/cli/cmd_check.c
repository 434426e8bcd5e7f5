// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"

#include <stdio.h>

struct tally {
    uint32_t count, failed;
    double seconds;
    json_t *list; // NULL: lines are printed instead
};

static void print_result(const struct nephos_check_result *r)
{
    printf("%-6s %-24s %-56s %.2g of %.2g\n", r->passed ? "ok" : "FAILED", r->kernel, r->test_case, r->error, r->limit);
    if (!r->passed) printf("       %s\n", r->detail);
    fflush(stdout);
}

static json_t *result_json(const struct nephos_check_result *r)
{
    return json_pack("{s:s,s:s,s:b,s:o,s:o,s:f,s:s}", "kernel", r->kernel, "case", r->test_case, "passed", (int)r->passed, "error",
                     app_json_number(r->error), "limit", app_json_number(r->limit), "seconds", r->seconds, "detail", r->detail);
}

static void report(void *user, const struct nephos_check_result *result)
{
    struct tally *tally = user;
    tally->count++;
    tally->failed += !result->passed;
    tally->seconds += result->seconds;
    if (tally->list) json_array_append_new(tally->list, result_json(result));
    else print_result(result);
}

static void print_choices(const struct nephos_device *device)
{
    const char *work, *choice;
    for (size_t i = 0; nephos_device_choice(device, i, &work, &choice); i++)
        printf("%s%s\n       %s\n", i ? "" : "Chosen by trying, so far:\n", choice, work);
}

static json_t *choices_json(const struct nephos_device *device)
{
    const char *work, *choice;
    json_t *list = json_array();
    for (size_t i = 0; nephos_device_choice(device, i, &work, &choice); i++)
        json_array_append_new(list, json_pack("{s:s,s:s}", "work", work, "choice", choice));
    return list;
}

static enum nephos_status check(struct app *app)
{
    enum nephos_status status = app_open_device(app, false);
    if (status != NEPHOS_OK) return status;
    const char *device = nephos_device_get_info(app->device)->name;
    struct tally tally = {.list = app->json ? json_array() : NULL};
    status = nephos_check(app->device, report, &tally);
    if (!app->json) {
        print_choices(app->device);
        printf("%u checks on %s, %u failed, %.1f s\n", tally.count, device, tally.failed, tally.seconds);
        return status;
    }
    enum nephos_status printed = app_json_print(json_pack("{s:s,s:I,s:I,s:o,s:o}", "device", device, "checks", (json_int_t)tally.count,
                                                          "failed", (json_int_t)tally.failed, "results", tally.list, "choices",
                                                          choices_json(app->device)));
    return status != NEPHOS_OK ? status : printed;
}

int cmd_check(int argc, char **argv)
{
    struct app app = {0};
    const struct option options[] = {
        APP_DEVICE_OPTIONS(app),
        {"json", OPTION_FLAG, &app.json, NULL, "print a JSON object"},
    };
    const struct usage usage = {
        "check", "[options]",
        "Runs every kernel of this build on this very device and compares it with a reference in double precision: one verdict a\n"
        "line, the error beside what is allowed. Exit code 7 when one disagrees. Behind them, what training and predicting have\n"
        "found so far about which kernels are the fastest here.",
        options, sizeof options / sizeof options[0],
        "  nephos check\n"
        "  nephos check --device 1 --json > check.json\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = check(&app);
    return app_finish(&app, status);
}
