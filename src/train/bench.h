// SPDX-License-Identifier: MIT
// How fast this device runs single operators and whole steps.
#ifndef TRAIN_BENCH_H
#define TRAIN_BENCH_H

#include "train/network.h"

enum nephos_status bench_run(struct gpu *gpu, const struct nephos_bench_params *params, nephos_bench_fn report, void *user);

enum nephos_status bench_traffic(struct gpu *gpu, const struct nephos_bench_params *params, nephos_traffic_fn report, void *user);

enum nephos_status bench_profile(struct gpu *gpu, const struct nephos_bench_params *params, nephos_profile_fn report, void *user);

// Numbers that whole steps are computed and stored in.
struct bench_numbers {
    enum train_precision precision;
    enum gpu_type storage;
};
// A whole step, ready to run.
struct bench_step {
    struct network *network;
    struct net_store *store;
};
// `step` is zeroed before, and destroyed after a failure too.
enum nephos_status bench_step_create(struct gpu *gpu, const struct nephos_bench_params *params, struct bench_numbers numbers,
                                     enum network_purpose purpose, struct bench_step *step);
void bench_step_destroy(struct bench_step *step);
enum nephos_status bench_step_run(struct bench_step *step, double *elapsed); // seconds
uint64_t bench_step_memory(const struct bench_step *step); // bytes of activations, parameters, gradients and moments
const char *bench_step_name(enum network_purpose purpose); // "train" or "infer"
bool bench_wants(const struct nephos_bench_params *params, enum network_purpose purpose);
// Refuses words that are none, and a precision that the device lacks; else *numbers are what params.precision and .storage come to.
enum nephos_status bench_check(struct gpu *gpu, const struct nephos_bench_params *params, struct bench_numbers *numbers);

// Defaults for what is 0 or NULL; `params` itself may be NULL.
struct nephos_bench_params bench_defaults(const struct nephos_bench_params *params);
struct network_spec bench_spec(const struct nephos_bench_params *params, struct bench_numbers numbers, enum network_purpose purpose);

// Exposed for tests: rows of a layers file, "layer,cin,cout,kernel,stride,padding,h_in,w_in" and any more columns; lines that begin
// with '#' and a row named "total" are left out.
struct bench_layer {
    char name[96];
    uint32_t cin, cout, kernel, stride, padding, height, width;
};
enum nephos_status bench_read_layers(struct nephos_log *log, const char *path, struct bench_layer **layers, size_t *count);

#endif
