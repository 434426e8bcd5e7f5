// SPDX-License-Identifier: MIT
// The benchmark measures what it was asked to and refuses what no network has.
#include "api/api.h"

#include "common/device.h"

#include <math.h>

TestSuite(bench, .init = api_setup, .fini = api_teardown, .timeout = 600);

struct rows {
    uint32_t count, forward, train, infer;
    uint64_t memory;
    bool sane;
};

static void add_row(void *user, const struct nephos_bench_result *result)
{
    struct rows *rows = user;
    rows->count++;
    rows->forward += strcmp(result->pass, "forward") == 0;
    rows->train += strcmp(result->pass, "train") == 0;
    rows->infer += strcmp(result->pass, "infer") == 0;
    rows->memory += result->memory_size;
    rows->sane = rows->sane && result->name[0] && result->seconds > 0;
}

// By the baseline, and by every variant that is offered.
Test(bench, a_file_of_layers_gives_three_passes_each)
{
    static const char layers[] = "# shapes\nlayer,cin,cout,kernel,stride,padding,h_in,w_in\n"
                                 "first,3,8,3,1,1,16,24\nsecond,8,8,1,2,0,16,24,more\ntotal,,,,,,,\n";
    struct rows rows = {.sane = true};
    folder_write(folder_file("layers.csv"), layers, sizeof layers - 1);
    const struct nephos_bench_params params = {.layers = folder_file("layers.csv"), .batch = 1, .seconds = 1e-3};
    API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &params, add_row, &rows));
    cr_assert(rows.sane && rows.count >= 6 && rows.forward == 2, "%u rows, %u forward", rows.count, rows.forward);
}

Test(bench, a_model_gives_its_operators_and_both_whole_steps)
{
    struct rows rows = {.sane = true};
    const struct nephos_bench_params params = {
        .encoder = "none", .encoder_width = 4, .height = 32, .width = 32, .batch = 1, .seconds = 1e-3};
    API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &params, add_row, &rows));
    cr_assert(rows.sane && rows.train == 1 && rows.infer == 1 && rows.forward > 3, "%u rows", rows.count);
    cr_assert_gt(rows.memory, 32u * 32 * 4 * 4);
}

struct totals {
    struct nephos_traffic_row row[2];
    struct nephos_traffic_count plain, fused; // sums over rows since the last total
    uint32_t count;
};

static void sum_up(struct nephos_traffic_count *to, struct nephos_traffic_count more)
{
    to->operators += more.operators;
    to->dispatches += more.dispatches;
    to->moved += more.moved;
    to->least += more.least;
}

static void add_traffic(void *user, const struct nephos_traffic_row *row)
{
    struct totals *t = user;
    if (strcmp(row->name, "total") != 0) {
        sum_up(&t->plain, row->plain);
        sum_up(&t->fused, row->fused);
        return;
    }
    cr_assert_lt(t->count, 2u);
    cr_expect(t->plain.operators == row->plain.operators && t->fused.dispatches == row->fused.dispatches);
    cr_expect_float_eq(t->plain.moved, row->plain.moved, 1);
    cr_expect_float_eq(t->fused.least, row->fused.least, 1);
    t->plain = t->fused = (struct nephos_traffic_count){0};
    t->row[t->count++] = *row;
}

Test(bench, fused_operators_move_less_memory)
{
    struct totals t = {.count = 0};
    const struct nephos_bench_params params = {.encoder = "resnet18", .encoder_width = 8, .height = 64, .width = 64, .batch = 2};
    API_EXPECT(NEPHOS_OK, nephos_traffic(api_device, &params, add_traffic, &t));
    cr_assert_eq(t.count, 2u);
    cr_expect(strcmp(t.row[0].step, "train") == 0 && strcmp(t.row[1].step, "infer") == 0);
    for (int i = 0; i < 2; i++) {
        const struct nephos_traffic_row *row = &t.row[i];
        cr_expect_lt(row->fused.operators, row->plain.operators);
        cr_expect_lt(row->fused.dispatches, row->plain.dispatches);
        cr_expect_lt(row->fused.moved, 0.85 * row->plain.moved, "%s: %g of %g bytes", row->step, row->fused.moved, row->plain.moved);
        cr_expect_lt(row->fused.least, 0.75 * row->plain.least, "%s: %g of %g bytes", row->step, row->fused.least, row->plain.least);
        cr_expect_geq(row->fused.moved, row->fused.least);
    }
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_traffic(NULL, NULL, NULL, NULL));
}

Test(bench, fuse_is_on_or_off)
{
    struct rows rows = {0};
    const struct nephos_bench_params params = {.encoder = "none", .encoder_width = 4, .height = 32, .width = 32, .fuse = "maybe"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &params, add_row, &rows));
    api_expect_error("'maybe'");
}

Test(bench, one_kind_of_step_is_measured_alone)
{
    static const char *const kinds[] = {"train", "infer"};
    for (int i = 0; i < 2; i++) {
        struct rows rows = {.sane = true};
        const struct nephos_bench_params params = {
            .encoder = "none", .encoder_width = 4, .height = 32, .width = 32, .batch = 1, .seconds = 0.001, .steps = kinds[i]};
        API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &params, add_row, &rows));
        cr_expect(rows.sane && rows.count == 1 && (i == 0 ? rows.train : rows.infer) == 1, "%s: %u rows", kinds[i], rows.count);
    }
    struct rows rows = {0};
    const struct nephos_bench_params params = {.steps = "sideways"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &params, add_row, &rows));
    api_expect_error("'sideways'");
}

Test(bench, a_precision_is_a_known_one)
{
    struct rows rows = {0};
    const struct nephos_bench_params unknown = {.precision = "fp8"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &unknown, add_row, &rows));
    api_expect_error("'fp8'");
    cr_assert_eq(rows.count, 0);
}

struct shares {
    double last, seconds, share; // of the row before; sums since the last total
    uint64_t count;
    uint32_t totals;
};

static void add_share(void *user, const struct nephos_profile_row *row)
{
    struct shares *s = user;
    cr_expect(row->kernel[0] && row->count > 0 && row->step_seconds > 0, "%s: %g", row->kernel, row->step_seconds);
    if (strcmp(row->kernel, "total") != 0) {
        cr_expect_leq(row->seconds, s->last, "%s is slower than what stands before", row->kernel);
        s->last = row->seconds;
        s->seconds += row->seconds;
        s->share += row->share;
        s->count += row->count;
        return;
    }
    cr_expect_str_eq(row->step, s->totals == 0 ? "train" : "infer");
    cr_expect_float_eq(s->share, 1, 1e-6);
    cr_expect_float_eq(s->seconds, row->seconds, 1e-9);
    cr_expect_eq(s->count, row->count);
    *s = (struct shares){.last = INFINITY, .totals = s->totals + 1};
}

Test(bench, a_profile_shows_where_the_time_of_both_steps_goes)
{
    struct shares shares = {.last = INFINITY};
    const struct nephos_bench_params params = {
        .encoder = "none", .encoder_width = 4, .height = 32, .width = 32, .batch = 1, .seconds = 0.001};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_profile(api_device, &params, add_share, &shares));
    api_expect_error("opened without profile");
    api_close_device();
    const struct nephos_device_params device = {.profile = true, .validation = test_validation()};
    API_EXPECT(NEPHOS_OK, nephos_device_open(api_log(), &device, &api_device));
    API_EXPECT(NEPHOS_OK, nephos_profile(api_device, &params, add_share, &shares));
    cr_assert_eq(shares.totals, 2u);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_profile(NULL, NULL, NULL, NULL));
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
