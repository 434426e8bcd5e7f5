// SPDX-License-Identifier: MIT
// Small devices are told what would fit; the host's memory does not grow with the length of a training.
#include "api/api.h"

#include "gpu/gpu.h"
#include "nephos_internal.h"

#include <math.h>
#include <unistd.h>

TestSuite(limits, .init = api_setup, .fini = api_teardown, .timeout = 1200);

// The limits as of a smaller device.
static struct gpu_limits *smaller_device(void)
{
    return (struct gpu_limits *)gpu_get_limits(api_device->gpu);
}

// The batch that the newest error recommends, which must be below `batch`.
static uint32_t recommended(uint32_t batch)
{
    static const char words[] = "--batch ";
    const char *at = strstr(nephos_last_error(api_log()), words);
    cr_assert_not_null(at, "%s", nephos_last_error(api_log()));
    const unsigned long value = strtoul(at + sizeof words - 1, NULL, 10);
    cr_assert(value > 0 && value < batch, "%s", nephos_last_error(api_log()));
    return (uint32_t)value;
}

static void expect_recommendation_works(uint32_t batch)
{
    char settings[64];
    snprintf(settings, sizeof settings, "examples=0 batch=%u", recommended(batch));
    API_EXPECT(NEPHOS_OK, api_train("run", settings));
}

Test(limits, a_tensor_above_one_binding_is_named_with_the_batch_that_fits)
{
    api_synth("clouds", 14, 32, 48);
    smaller_device()->max_binding_size = 160 << 10;
    API_EXPECT(NEPHOS_ERROR_MEMORY, api_train("run", "batch=16"));
    api_expect_error("(NHWC)");
    api_expect_error("batch 16 at 32x48");
    cr_assert_eq(api_count_files(folder_file("run"), ""), 0);
    expect_recommendation_works(16);
}

Test(limits, a_small_memory_is_told_with_the_batch_that_fits)
{
    api_synth("clouds", 14, 32, 48);
    smaller_device()->memory_budget = 2 << 20;
    API_EXPECT(NEPHOS_ERROR_MEMORY, api_train("run", "batch=64"));
    api_expect_error("MiB needed");
    expect_recommendation_works(64);
}

Test(limits, a_batch_too_large_is_told_the_micro_batch_that_fits)
{
    api_synth("clouds", 90, 32, 48);
    smaller_device()->memory_budget = 2 << 20;
    API_EXPECT(NEPHOS_ERROR_MEMORY, api_train("run", "batch=64"));
    const char *at = strstr(nephos_last_error(api_log()), "--micro-batch ");
    cr_assert_not_null(at, "%s", nephos_last_error(api_log()));
    char settings[64];
    snprintf(settings, sizeof settings, "examples=0 batch=64 micro-batch=%lu", strtoul(at + 14, NULL, 10));
    smaller_device()->memory_budget = 2 << 20;
    API_EXPECT(NEPHOS_OK, api_train("run", settings));
}

Test(limits, an_automatic_micro_batch_fits)
{
    api_synth("clouds", 90, 32, 48);
    smaller_device()->memory_budget = 2 << 20;
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0 batch=64 micro-batch=auto"));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("other", "batch=auto micro-batch=2"));
    api_expect_error("--micro-batch 2");
}

// The smallest memory, in steps of 64 KiB, of which a training without recompute says that it would do with.
static uint64_t memory_for_recompute(const char *settings)
{
    for (uint64_t budget = 1 << 20; budget < 16 << 20; budget += 64 << 10) {
        smaller_device()->memory_budget = budget;
        API_EXPECT(NEPHOS_ERROR_MEMORY, api_train("refused", settings));
        if (strstr(nephos_last_error(api_log()), "with --recompute on it would")) return budget;
    }
    cr_assert(false, "no memory is enough: %s", nephos_last_error(api_log()));
    return 0;
}

Test(limits, recompute_lets_a_batch_fit_and_changes_no_bit)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("large", "batch=8"));
    const uint64_t budget = memory_for_recompute("batch=8 recompute=off");
    smaller_device()->memory_budget = budget;
    API_EXPECT(NEPHOS_OK, api_train("on", "batch=8 recompute=on"));
    smaller_device()->memory_budget = budget;
    API_EXPECT(NEPHOS_OK, api_train("auto", "batch=8"));
    api_expect_same_run("large", "on");
    api_expect_same_run("large", "auto");
}

static unsigned long written_batch(const char *run)
{
    char line[80];
    unsigned long batch = 0;
    FILE *file = fopen(api_path(run, "config.ini"), "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file)) sscanf(line, "batch = %lu", &batch);
    fclose(file);
    return batch;
}

Test(limits, an_automatic_batch_is_larger_with_recompute)
{
    api_synth("clouds", 240, 32, 48); // 12 leave 16 steps an epoch
    const uint64_t budget = memory_for_recompute("batch=8 recompute=off");
    smaller_device()->memory_budget = budget;
    API_EXPECT(NEPHOS_OK, api_train("off", "examples=0 batch=auto recompute=off"));
    smaller_device()->memory_budget = budget;
    API_EXPECT(NEPHOS_OK, api_train("auto", "examples=0 batch=auto"));
    cr_expect_lt(written_batch("off"), written_batch("auto"));
}

Test(limits, not_even_one_image_is_told_as_such)
{
    api_synth("clouds", 14, 32, 48);
    smaller_device()->max_binding_size = 4 << 10;
    API_EXPECT(NEPHOS_ERROR_MEMORY, api_train("run", "batch=4"));
    api_expect_error("--encoder-width");
}

// --- host memory ------------------------------------------------------------------------------------------------------

static double resident_mib(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    if (file) fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

struct watch {
    uint64_t early, late; // after so many images in all
    uint64_t images;
    double at_early, at_late;
};

static bool watch(void *user, const struct nephos_progress *progress)
{
    struct watch *watch = user;
    if (progress->phase != NEPHOS_PHASE_TRAIN) return true;
    watch->images = (progress->epoch - 1) * progress->total + progress->done;
    if (watch->images <= watch->early) watch->at_early = resident_mib();
    watch->at_late = resident_mib();
    return watch->images < watch->late;
}

static void expect_flat(const char *settings, struct watch limits, double most_mib)
{
#if defined(__SANITIZE_ADDRESS__)
    cr_skip_test("AddressSanitizer keeps freed memory");
#endif
    if (resident_mib() == 0) cr_skip_test("no /proc/self/statm here");
    struct nephos_config *config = api_config("run", settings);
    const enum nephos_status status = nephos_train(api_device, config, watch, &limits);
    cr_assert(status == NEPHOS_OK || status == NEPHOS_INTERRUPTED, "%s", nephos_last_error(api_log()));
    nephos_config_destroy(&config);
    cr_assert_geq(limits.images, limits.late);
    cr_log_info("%.1f MiB after %g images, %.1f after %g", limits.at_early, (double)limits.early, limits.at_late, (double)limits.late);
    cr_assert_lt(limits.at_late - limits.at_early, most_mib, "grew from %.1f to %.1f MiB", limits.at_early, limits.at_late);
}

Test(limits, host_memory_stays_flat_over_epochs)
{
    api_synth("clouds", 14, 32, 48);
    expect_flat("epochs=8 examples=0", (struct watch){.early = 16, .late = 64}, 6);
}

Test(limits, host_memory_stays_flat_over_real_images)
{
    char settings[512];
    if (!getenv("NEPHOS_SLOW")) cr_skip_test("minutes long: set NEPHOS_SLOW=1");
    if (access(NEPHOS_REFERENCE_DIR "/data/kaggle-clouds/train.csv", F_OK) != 0) cr_skip_test("the real images are not here");
    snprintf(settings, sizeof settings, "data=%s epochs=2 examples=0 height=64 width=96", NEPHOS_REFERENCE_DIR "/data/kaggle-clouds");
    expect_flat(settings, (struct watch){.early = 100, .late = 600}, 12);
}
