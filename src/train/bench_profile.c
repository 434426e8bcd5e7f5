// SPDX-License-Identifier: MIT
// Where the time of a whole step goes, kernel by kernel.
#include "train/bench.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_RUNS 2

static double per_second(double amount, double nanoseconds)
{
    return amount > 0 && nanoseconds > 0 ? amount / nanoseconds : NAN; // billions a second
}

static void report_rows(const struct gpu_profile_row *rows, uint32_t count, uint32_t runs, struct nephos_profile_row total,
                        nephos_profile_fn report, void *user)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += rows[i].nanoseconds;
    for (uint32_t i = 0; i < count; i++) {
        const struct gpu_profile_row *row = &rows[i];
        total.count += row->count / runs;
        report(user, &(struct nephos_profile_row){
                         .step = total.step,
                         .kernel = row->kernel,
                         .count = row->count / runs,
                         .seconds = 1e-9 * row->nanoseconds / runs,
                         .share = row->nanoseconds / sum,
                         .gflops = per_second(row->flops, row->nanoseconds),
                         .gbytes_per_second = per_second(row->bytes, row->nanoseconds),
                         .step_seconds = total.step_seconds,
                     });
    }
    total.kernel = "total";
    total.seconds = 1e-9 * sum / runs;
    total.share = 1;
    total.gflops = total.gbytes_per_second = NAN;
    report(user, &total);
}

// Runs the step for that long; *runs that were made, *seconds a run.
static enum nephos_status run_for(struct bench_step *step, double least, uint32_t *runs, double *seconds)
{
    double sum = 0, elapsed;
    enum nephos_status status = NEPHOS_OK;
    for (*runs = 0; status == NEPHOS_OK && (*runs < LEAST_RUNS || sum < least); ++*runs) {
        status = bench_step_run(step, &elapsed);
        sum += elapsed;
    }
    *seconds = sum / *runs;
    return status;
}

static enum nephos_status profile_step(struct gpu *gpu, const struct nephos_bench_params *p, struct bench_numbers numbers,
                                       enum network_purpose purpose, nephos_profile_fn report, void *user)
{
    enum nephos_status status;
    struct bench_step step = {0};
    struct gpu_profile_row *rows = NULL;
    struct nephos_profile_row total = {.step = bench_step_name(purpose)};
    uint32_t count = 0, runs = 0;
    double first;
    TRY(bench_step_create(gpu, p, numbers, purpose, &step));
    TRY(bench_step_run(&step, &first));
    TRY(gpu_profile_reset(gpu));
    TRY(run_for(&step, p->seconds, &runs, &total.step_seconds));
    TRY(gpu_profile_rows(gpu, &rows, &count));
    report_rows(rows, count, runs, total, report, user);
fail:
    free(rows);
    bench_step_destroy(&step);
    return status;
}

enum nephos_status bench_profile(struct gpu *gpu, const struct nephos_bench_params *params, nephos_profile_fn report, void *user)
{
    struct nephos_bench_params p = bench_defaults(params);
    struct bench_numbers numbers;
    enum nephos_status status;
    p.layers = NULL;
    TRY(bench_check(gpu, &p, &numbers));
    TRY(gpu_profile_reset(gpu)); // refuses a device that has none, before much is done
    if (bench_wants(&p, NETWORK_TRAIN)) TRY(profile_step(gpu, &p, numbers, NETWORK_TRAIN, report, user));
    if (bench_wants(&p, NETWORK_PREDICT)) TRY(profile_step(gpu, &p, numbers, NETWORK_PREDICT, report, user));
fail:
    return status;
}
