// SPDX-License-Identifier: MIT
// The benchmark measures what it was asked to and refuses what no network has.
#include "api/api.h"

#include <math.h>

TestSuite(bench, .init = api_setup, .fini = api_teardown, .timeout = 600);

struct rows {
    uint32_t count, forward, train, infer;
    bool sane;
};

static void add_row(void *user, const struct nephos_bench_result *result)
{
    struct rows *rows = user;
    rows->count++;
    rows->forward += strcmp(result->pass, "forward") == 0;
    rows->train += strcmp(result->pass, "train") == 0;
    rows->infer += strcmp(result->pass, "infer") == 0;
    rows->sane = rows->sane && result->name[0] && result->seconds > 0;
}

Test(bench, a_file_of_layers_gives_three_passes_each)
{
    static const char layers[] = "# shapes\nlayer,cin,cout,kernel,stride,padding,h_in,w_in\n"
                                 "first,3,8,3,1,1,16,24\nsecond,8,8,1,2,0,16,24,more\ntotal,,,,,,,\n";
    struct rows rows = {.sane = true};
    folder_write(folder_file("layers.csv"), layers, sizeof layers - 1);
    const struct nephos_bench_params params = {.layers = folder_file("layers.csv"), .batch = 1, .seconds = 1e-3};
    API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &params, add_row, &rows));
    cr_assert(rows.sane && rows.count == 6 && rows.forward == 2, "%u rows, %u forward", rows.count, rows.forward);
}

Test(bench, a_model_gives_its_operators_and_both_whole_steps)
{
    struct rows rows = {.sane = true};
    const struct nephos_bench_params params = {
        .encoder = "none", .encoder_width = 4, .height = 32, .width = 32, .batch = 1, .seconds = 1e-3};
    API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &params, add_row, &rows));
    cr_assert(rows.sane && rows.train == 1 && rows.infer == 1 && rows.forward > 3, "%u rows", rows.count);
}

Test(bench, models_and_layers_that_can_not_be_are_refused)
{
    struct rows rows = {0};
    const struct nephos_bench_params unknown = {.encoder = "resnet99", .encoder_width = 4, .height = 32, .width = 32, .batch = 1};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &unknown, add_row, &rows));
    api_expect_error("resnet99");
    const struct nephos_bench_params wide = {.encoder = "resnet18", .encoder_width = 1000, .height = 32, .width = 32, .batch = 1};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &wide, add_row, &rows));
    folder_write(folder_file("layers.csv"), "first,3,8,3,1,1,16,24\nsecond,8,-8,1,1,0,16,24\n", 50 - 3);
    const struct nephos_bench_params negative = {.layers = folder_file("layers.csv"), .batch = 1};
    API_EXPECT(NEPHOS_ERROR_DATA, nephos_bench(api_device, &negative, add_row, &rows));
    api_expect_error("layers.csv:2");
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, NULL, NULL, NULL));
    cr_assert_eq(rows.count, 0);
}
