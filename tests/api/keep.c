// SPDX-License-Identifier: MIT
// The best few epochs and their average.
#include "api/api.h"

#include "data/safetensors.h"

#include <math.h>
#include <unistd.h>

TestSuite(keep, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define COURSE "epochs=5 keep-best=2 average-best=true examples=0 "

static const char *kept_name(uint32_t epoch)
{
    static char name[48];
    snprintf(name, sizeof name, "kept-%u.safetensors", epoch);
    return name;
}

static bool is_kept(const char *run, uint32_t epoch)
{
    return access(api_path(run, kept_name(epoch)), F_OK) == 0;
}

// Epochs of higher validation Dice, or of the same and earlier.
static uint32_t rank(const char *run, uint32_t epoch, uint32_t epochs)
{
    const double value = api_history(run, epoch, "val_dice");
    uint32_t better = 0;
    for (uint32_t e = 1; e <= epochs; e++) {
        const double other = api_history(run, e, "val_dice");
        better += other > value || (other == value && e < epoch);
    }
    return better;
}

static float first_bias(const char *path)
{
    struct safetensors *file = NULL;
    float values[4];
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), path, &file));
    const struct safetensors_entry *tensor = safetensors_find(file, "segmentation_head.0.bias");
    cr_assert_not_null(tensor);
    API_EXPECT(NEPHOS_OK, safetensors_read_f32(file, tensor, values, 4));
    safetensors_close(&file);
    return values[0];
}

Test(keep, the_best_epochs_are_kept_and_averaged)
{
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", COURSE));
    double mean = 0;
    for (uint32_t epoch = 1; epoch <= 5; epoch++) {
        cr_expect_eq(is_kept("run", epoch), rank("run", epoch, 5) < 2, "epoch %u", epoch);
        if (rank("run", epoch, 5) == 0)
            cr_expect_gt(api_same_tensors(api_path("run", "best.safetensors"), api_path("run", kept_name(epoch))), 0);
        if (is_kept("run", epoch)) mean += (double)first_bias(api_path("run", kept_name(epoch))) / 2;
    }
    cr_expect_float_eq((double)first_bias(api_path("run", "average.safetensors")), mean, 1e-6);
    size_t size;
    uint8_t *list = folder_read(api_path("run", "kept.csv"), &size);
    cr_expect_eq(memcmp(list, "file,epoch,val-dice\nkept-", 25), 0, "%.*s", (int)size, (char *)list);
    free(list);
}

Test(keep, an_interruption_keeps_the_same)
{
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", COURSE));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", COURSE, (struct api_stop){.train_calls = 8}));
    API_EXPECT(NEPHOS_OK, api_train("parts", COURSE "resume=true"));
    api_expect_same_run("whole", "parts");
    for (uint32_t epoch = 1; epoch <= 5; epoch++)
        cr_expect_eq(is_kept("whole", epoch), is_kept("parts", epoch), "epoch %u", epoch);
    cr_expect_gt(api_same_tensors(api_path("whole", "average.safetensors"), api_path("parts", "average.safetensors")), 0);
}

Test(keep, one_epoch_has_no_average)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "average-best=true"));
    api_expect_error("--keep-best 2");
    cr_expect_eq(api_count_files(folder_file("run"), ""), 0);
}
