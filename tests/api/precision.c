// SPDX-License-Identifier: MIT
// Trainings whose convolutions round to 16 bits, where the device has matrix units; what is said where it has none.
#include "api/api.h"

#include "data/safetensors.h"
#include "nephos_internal.h"
#include "op/convolution_matrix.h"

#include <math.h>

TestSuite(precision, .init = api_setup_folder, .fini = api_teardown, .timeout = 600);

#define HALVES "precision=fp16 "

// Devices are opened with kernels that round wherever they can be used: by itself a software device would use none.
static bool usable(enum gpu_type factor)
{
    return conv_matrix_usable(gpu_get_limits(api_device->gpu), factor);
}

static float tensor(const char *run, const char *name)
{
    struct safetensors *file = NULL;
    float value = NAN;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), api_path(run, "last.safetensors"), &file));
    const struct safetensors_entry *entry = safetensors_find(file, name);
    if (entry) API_EXPECT(NEPHOS_OK, safetensors_read_f32(file, entry, &value, 1));
    safetensors_close(&file);
    return value;
}

Test(precision, halves_are_refused_where_no_kernel_has_them)
{
    api_open_device_with("baseline");
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", HALVES));
    api_expect_error("fp16");
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "precision=bf16"));
    api_expect_error("bf16");
    API_EXPECT(NEPHOS_OK, api_train("run", "precision=auto"));
    cr_expect(isnan(tensor("run", "optimizer.loss_scale")), "auto falls back, without a loss scale");
}

Test(precision, matrix_kernels_need_halves)
{
    api_open_device_with("matrix");
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", ""));
    api_expect_error("--precision fp16");
}

// No further from the course by floats than another seed's course.
Test(precision, halves_in_micro_batches_learn_what_floats_learn)
{
    static const char in_parts[] = "epochs=3 examples=0 batch=4 micro-batch=2 ";
    char settings[128];
    api_open_device_with("matrix");
    if (!usable(GPU_FP16)) cr_skip("no matrix units");
    api_synth("clouds", 20, 32, 48);
    snprintf(settings, sizeof settings, HALVES "%s", in_parts);
    API_EXPECT(NEPHOS_OK, api_train("halves", settings));
    api_close_device();
    api_open_device_with("baseline");
    API_EXPECT(NEPHOS_OK, api_train("floats", in_parts));
    snprintf(settings, sizeof settings, "seed=1 %s", in_parts);
    API_EXPECT(NEPHOS_OK, api_train("other", settings));
    const double halves = api_history("halves", 3, "train_loss"), floats = api_history("floats", 3, "train_loss");
    const double spread = fabs(api_history("other", 3, "train_loss") - floats);
    cr_expect_neq(halves, floats, "no kernel rounded");
    cr_expect_lt(fabs(halves - floats), 0.5 * spread + 0.01, "loss %g, by floats %g, another seed is %g away", halves, floats, spread);
}

static void check_resume(const char *first, const char *then)
{
    api_open_device_with("matrix");
    if (!usable(GPU_FP16)) cr_skip("no matrix units");
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", then));
    API_EXPECT(NEPHOS_OK, api_train("parts", first));
    char resume[160];
    snprintf(resume, sizeof resume, "%s resume=true", then);
    API_EXPECT(NEPHOS_OK, api_train("parts", resume));
    api_expect_same_run("whole", "parts");
    cr_expect_geq(tensor("whole", "optimizer.loss_scale"), 1);
    cr_expect_gt(tensor("whole", "optimizer.loss_scale_steps"), 0);
}

Test(precision, resuming_repeats_the_loss_scale)
{
    check_resume(HALVES "examples=0 epochs=1", HALVES "examples=0 epochs=2");
}

// Of 11 training images: two steps of three parts each epoch, the last part smaller.
#define PARTS HALVES "examples=0 batch=5 micro-batch=2 "

Test(precision, resuming_repeats_the_loss_scale_of_micro_batches)
{
    check_resume(PARTS "epochs=1", PARTS "epochs=2");
}

Test(precision, recompute_changes_no_bit_of_micro_batches_by_halves)
{
    api_open_device_with("matrix");
    if (!usable(GPU_FP16)) cr_skip("no matrix units");
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("kept", PARTS "recompute=off"));
    API_EXPECT(NEPHOS_OK, api_train("again", PARTS "recompute=on"));
    api_expect_same_run("kept", "again");
    cr_expect_eq(tensor("kept", "optimizer.loss_scale_steps"), 2, "a step counts once, whatever its parts");
}

// Its range is that of floats.
Test(precision, bf16_needs_no_loss_scale)
{
    api_open_device_with("matrix");
    if (!usable(GPU_BF16)) cr_skip("no matrix units for bf16");
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "precision=bf16 epochs=2 examples=0"));
    cr_expect(isnan(tensor("run", "optimizer.loss_scale")));
    cr_expect_lt(api_history("run", 2, "train_loss"), api_history("run", 1, "train_loss"));
}
