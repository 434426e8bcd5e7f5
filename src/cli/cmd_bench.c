// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_number(double value, int width, int digits)
{
    if (isfinite(value)) printf("  %*.*f", width, digits, value);
    else printf("  %*s", width, "-");
}

static void print_result(const struct nephos_bench_result *r)
{
    printf("%-32s  %-16s", r->name, r->pass);
    print_number(1e3 * r->seconds, 11, 3);
    print_number(r->gflops, 9, 1);
    print_number(r->gbytes_per_second, 8, 1);
    print_number(r->images_per_second, 9, 2);
    print_number(r->memory_size ? (double)r->memory_size / 1048576 : NAN, 9, 1);
    putchar('\n');
    fflush(stdout);
}

static json_t *result_json(const struct nephos_bench_result *r)
{
    return json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:I}", "name", r->name, "pass", r->pass, "seconds", app_json_number(r->seconds), "gflops",
                     app_json_number(r->gflops), "gbytes_per_second", app_json_number(r->gbytes_per_second), "images_per_second",
                     app_json_number(r->images_per_second), "memory_size", (json_int_t)r->memory_size);
}

static void report(void *user, const struct nephos_bench_result *result)
{
    json_t *list = user; // NULL: rows are printed instead
    if (list) json_array_append_new(list, result_json(result));
    else print_result(result);
}

static void print_count(const struct nephos_traffic_count *c)
{
    printf("  %9u  %10u  %9.1f  %9.1f", c->operators, c->dispatches, c->moved / 1048576, c->least / 1048576);
}

static void print_traffic(void *user, const struct nephos_traffic_row *row)
{
    (void)user;
    printf("%-5s  %-24s", row->step, row->name);
    print_count(&row->plain);
    print_count(&row->fused);
    putchar('\n');
}

static json_t *count_json(const struct nephos_traffic_count *c)
{
    return json_pack("{s:i,s:i,s:o,s:o}", "operators", (int)c->operators, "dispatches", (int)c->dispatches, "moved",
                     app_json_number(c->moved), "least", app_json_number(c->least));
}

static void add_traffic(void *user, const struct nephos_traffic_row *row)
{
    json_array_append_new(user, json_pack("{s:s,s:s,s:o,s:o}", "step", row->step, "name", row->name, "plain", count_json(&row->plain),
                                          "fused", count_json(&row->fused)));
}

static enum nephos_status traffic(struct app *app, const struct nephos_bench_params *params)
{
    if (!app->json) {
        printf("MiB a step reads and writes, without the optimizer\n%-31s  %42s  %42s\n%-5s  %-24s", "", "plain operators", "fused operators",
               "step", "operator");
        for (int i = 0; i < 2; i++) printf("  %9s  %10s  %9s  %9s", "operators", "dispatches", "moved", "least");
        putchar('\n');
        return nephos_traffic(app->device, params, print_traffic, NULL);
    }
    json_t *list = json_array();
    const enum nephos_status status = nephos_traffic(app->device, params, add_traffic, list);
    const enum nephos_status printed = app_json_print(json_pack("{s:o}", "traffic", list));
    return status != NEPHOS_OK ? status : printed;
}

static void print_profile(void *user, const struct nephos_profile_row *row)
{
    (void)user;
    printf("%-5s  %-32s  %6llu", row->step, row->kernel, (unsigned long long)row->count);
    print_number(1e3 * row->seconds, 11, 3);
    print_number(100 * row->share, 6, 1);
    print_number(row->gflops, 9, 1);
    print_number(row->gbytes_per_second, 8, 1);
    putchar('\n');
    if (strcmp(row->kernel, "total") == 0) printf("%-5s  a whole step takes %.3f ms\n", row->step, 1e3 * row->step_seconds);
}

static void add_profile(void *user, const struct nephos_profile_row *row)
{
    json_array_append_new(user, json_pack("{s:s,s:s,s:I,s:o,s:o,s:o,s:o,s:o}", "step", row->step, "kernel", row->kernel, "count",
                                          (json_int_t)row->count, "seconds", app_json_number(row->seconds), "share",
                                          app_json_number(row->share), "gflops", app_json_number(row->gflops), "gbytes_per_second",
                                          app_json_number(row->gbytes_per_second), "step_seconds", app_json_number(row->step_seconds)));
}

static enum nephos_status profile(struct app *app, const struct nephos_bench_params *params)
{
    const struct nephos_device_info *info = nephos_device_get_info(app->device);
    if (!app->json) {
        printf("%s\n%-5s  %-32s  %6s  %11s  %6s  %9s  %8s\n", info->name, "step", "kernel", "count", "ms", "%", "GFLOP/s", "GB/s");
        return nephos_profile(app->device, params, print_profile, NULL);
    }
    json_t *list = json_array();
    const enum nephos_status status = nephos_profile(app->device, params, add_profile, list);
    const enum nephos_status printed =
        app_json_print(json_pack("{s:s,s:s,s:o}", "device", info->name, "driver", info->driver, "profile", list));
    return status != NEPHOS_OK ? status : printed;
}

struct choice {
    bool traffic, profile; // instead of the measurements
};

static enum nephos_status bench(struct app *app, const struct nephos_bench_params *params, struct choice choice)
{
    enum nephos_status status = app_open_device(app, choice.profile);
    if (status != NEPHOS_OK) return status;
    if (choice.traffic) return traffic(app, params);
    if (choice.profile) return profile(app, params);
    const struct nephos_device_info *info = nephos_device_get_info(app->device);
    if (!app->json) {
        printf("%s\n%-32s  %-16s  %11s  %9s  %8s  %9s  %9s\n", info->name, "name", "pass", "ms", "GFLOP/s", "GB/s", "images/s", "MiB");
        return nephos_bench(app->device, params, report, NULL);
    }
    json_t *list = json_array();
    status = nephos_bench(app->device, params, report, list);
    enum nephos_status printed = app_json_print(json_pack("{s:s,s:s,s:o}", "device", info->name, "driver", info->driver, "results", list));
    return status != NEPHOS_OK ? status : printed;
}

int cmd_bench(int argc, char **argv)
{
    struct app app = {0};
    struct nephos_bench_params params = {0};
    struct choice choice = {0};
    const struct option options[] = {
        {"layers", OPTION_TEXT, &params.layers, "FILE", "convolutions to measure: CSV with layer,cin,cout,kernel,stride,padding,h_in,w_in"},
        {"model", OPTION_TEXT, &params.encoder, "ENCODER", "encoder of the U-Net whose whole steps are measured (default resnet34)"},
        {"encoder-width", OPTION_COUNT, &params.encoder_width, "N", "channels of its first stage (default 64)", .low = 4, .high = 256},
        {"height", OPTION_COUNT, &params.height, "H", "of the images (default 256)", .low = 32, .high = 8192},
        {"width", OPTION_COUNT, &params.width, "W", "of the images (default 384)", .low = 32, .high = 8192},
        {"batch", OPTION_COUNT, &params.batch, "N", "images per step (default 4)", .low = 1, .high = 1024},
        {"seconds", OPTION_NUMBER, &params.seconds, "S", "least time per row (default 0.5)", .low = 0.001, .high = 3600},
        {"fuse", OPTION_TEXT, &params.fuse, "on|off", "off: whole steps of plain operators (default on)"},
        {"recompute", OPTION_TEXT, &params.recompute, "on|off",
         "on: training steps make cheap tensors again instead of keeping them (default off)"},
        {"steps", OPTION_TEXT, &params.steps, "train|infer", "measure that whole step alone"},
        {"traffic", OPTION_FLAG, &choice.traffic, NULL, "count the memory that a step moves instead, with and without fusion"},
        {"profile", OPTION_FLAG, &choice.profile, NULL, "time every kernel of whole steps instead, the slowest first"},
        APP_PRECISION_OPTION(params.precision),
        {"storage", OPTION_TEXT, &params.storage, "fp32|fp16|bf16|auto",
         "numbers in which activations are stored (default auto: see nephos train)"},
        APP_DEVICE_OPTIONS(app),
        {"json", OPTION_FLAG, &app.json, NULL, "print a JSON object"},
    };
    const struct usage usage = {
        "bench", "[options]",
        "Measures operators (GFLOP/s and GB/s) and whole steps (images/s for training and inference); medians.",
        options, sizeof options / sizeof options[0],
        "  nephos bench --model resnet18 --encoder-width 16 --height 64 --width 96\n"
        "  nephos bench --layers layers.csv --json > bench.json\n"
        "  nephos bench --steps train --profile\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = bench(&app, &params, choice);
    return app_finish(&app, status);
}
