// SPDX-License-Identifier: MIT
// Tiny trainings through the public interface, and what their run directories hold.
#ifndef TESTS_API_H
#define TESTS_API_H

#include "common/folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// .init and .fini of every suite here: a scratch folder and a device.
void api_setup(void);
void api_teardown(void);
extern struct nephos_device *api_device;
struct nephos_log *api_log(void);
// For .init of suites that open the device themselves, or in child processes.
void api_setup_folder(void);
void api_open_device(void);
void api_open_device_with(const char *kernels);
void api_close_device(void);

// Skips the test on SwiftShader, which takes long to compile: for tests of what the host does, which lavapipe shows as well.
void api_one_driver_is_enough(void);

// Draws clouds into a folder of the scratch folder.
void api_synth(const char *name, uint32_t images, uint32_t height, uint32_t width);

// Settings of a small training: data "clouds" and out `run` of the scratch folder, ResNet-18 of width 4, 32x48, batch 4, one epoch,
// no early stop. `more`: further "name=value", separated by blanks; a later one wins.
struct nephos_config *api_config(const char *run, const char *more);
struct api_stop { // where the progress callback says stop; a count of 0 never does
    uint32_t train_calls, validate_calls;
};
enum nephos_status api_train_until(const char *run, const char *more, struct api_stop stop);
enum nephos_status api_train(const char *run, const char *more);
#define API_EXPECT(status, call) \
    do { \
        const enum nephos_status got_ = (call); \
        cr_assert_eq(got_, (status), "%s: %s, last error: %s", #call, nephos_status_name(got_), nephos_last_error(api_log())); \
    } while (0)
// The newest error contains `part`.
void api_expect_error(const char *part);

// "RUN/FILE" in the scratch folder.
const char *api_path(const char *run, const char *file);
// Number of tensors, found to have the same names and bits in both files; -1 where they differ. `ignored` is a prefix of names
// left out, or NULL.
int api_same_tensors(const char *a, const char *b);
// A value of a model file's metadata; fails the test where it is missing.
void api_metadata(const char *path, const char *key, char *value, size_t size);
// All columns but those that measure time.
bool api_same_history(const char *run_a, const char *run_b);
// Column `name` of row `epoch` (1-based); fails the test where it is missing.
double api_history(const char *run, uint32_t epoch, const char *name);
uint32_t api_history_rows(const char *run);
// last.safetensors, best.safetensors and history.csv of both runs agree bit for bit.
void api_expect_same_run(const char *run_a, const char *run_b);
// Files in a folder whose name contains `part`.
int api_count_files(const char *folder, const char *part);

#endif
