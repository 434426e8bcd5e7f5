// SPDX-License-Identifier: MIT
// Public entry point of the benchmark.
#include "nephos_internal.h"
#include "train/bench.h"

enum nephos_status nephos_bench(struct nephos_device *device, const struct nephos_bench_params *params, nephos_bench_fn report, void *user)
{
    if (!device || !report) return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_bench: a parameter is NULL");
    return bench_run(device->gpu, params, report, user);
}

enum nephos_status nephos_traffic(struct nephos_device *device, const struct nephos_bench_params *params, nephos_traffic_fn report,
                                  void *user)
{
    if (!device || !report) return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_traffic: a parameter is NULL");
    return bench_traffic(device->gpu, params, report, user);
}

enum nephos_status nephos_profile(struct nephos_device *device, const struct nephos_bench_params *params, nephos_profile_fn report,
                                  void *user)
{
    if (!device || !report) return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_profile: a parameter is NULL");
    return bench_profile(device->gpu, params, report, user);
}
