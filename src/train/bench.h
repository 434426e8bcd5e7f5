// SPDX-License-Identifier: MIT
// How fast this device runs single operators and whole steps.
#ifndef TRAIN_BENCH_H
#define TRAIN_BENCH_H

#include "train/network.h"

enum nephos_status bench_run(struct gpu *gpu, const struct nephos_bench_params *params, nephos_bench_fn report, void *user);

enum nephos_status bench_traffic(struct gpu *gpu, const struct nephos_bench_params *params, nephos_traffic_fn report, void *user);

// Defaults for what is 0 or NULL; `params` itself may be NULL.
struct nephos_bench_params bench_defaults(const struct nephos_bench_params *params);
struct network_spec bench_spec(const struct nephos_bench_params *params, enum train_precision precision, enum network_purpose purpose);
// What params.precision comes to on this device.
enum nephos_status bench_precision(struct gpu *gpu, const struct nephos_bench_params *params, enum train_precision *precision);

// Exposed for tests: rows of a layers file, "layer,cin,cout,kernel,stride,padding,h_in,w_in" and any more columns; lines that begin
// with '#' and a row named "total" are left out.
struct bench_layer {
    char name[96];
    uint32_t cin, cout, kernel, stride, padding, height, width;
};
enum nephos_status bench_read_layers(struct nephos_log *log, const char *path, struct bench_layer **layers, size_t *count);

#endif
