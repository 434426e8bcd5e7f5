// SPDX-License-Identifier: MIT
// --ema: training as without, the average kept as the model.
#include "api/api.h"

#include "data/safetensors.h"

TestSuite(ema, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define SMALL "encoder=none examples=1 "

static uint64_t read_tensor(const char *path, const char *name, float *values, uint64_t most)
{
    struct safetensors *file = NULL;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), path, &file));
    const struct safetensors_entry *tensor = safetensors_find(file, name);
    cr_assert_not_null(tensor, "%s", name);
    uint64_t count = 1;
    for (uint32_t i = 0; i < tensor->rank; i++)
        count *= tensor->shape[i];
    cr_assert_leq(count, most);
    API_EXPECT(NEPHOS_OK, safetensors_read_f32(file, tensor, values, count));
    safetensors_close(&file);
    return count;
}

// Tensors of floats in `a`, all of which `b` must have with the same bits.
static uint32_t expect_all_in(const char *a, const char *b)
{
    static float left[65536], right[65536];
    struct safetensors *file = NULL;
    uint32_t compared = 0;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), a, &file));
    for (uint32_t i = 0; i < file->entry_count; i++) {
        if (file->entries[i].dtype != SAFETENSORS_F32) continue;
        const char *name = file->entries[i].name;
        const uint64_t count = read_tensor(a, name, left, 65536);
        cr_assert_eq(read_tensor(b, name, right, 65536), count);
        cr_expect_arr_eq(left, right, count * sizeof *left, "%s", name);
        compared++;
    }
    safetensors_close(&file);
    return compared;
}

Test(ema, training_stays_the_same_and_the_average_is_the_model)
{
    static float average[65536], best[65536], weights[65536];
    static const char name[] = "segmentation_head.0.weight";
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("without", SMALL));
    API_EXPECT(NEPHOS_OK, api_train("with", SMALL "ema=0.5"));
    cr_expect_gt(expect_all_in(api_path("without", "last.safetensors"), api_path("with", "last.safetensors")), 10);
    const uint64_t count = read_tensor(api_path("with", "best.safetensors"), name, best, 65536);
    cr_assert_eq(read_tensor(api_path("with", "last.safetensors"), "optimizer.average.segmentation_head.0.weight", average, 65536), count);
    cr_assert_eq(read_tensor(api_path("with", "last.safetensors"), name, weights, 65536), count);
    cr_expect_arr_eq(best, average, count * sizeof *best);
    cr_expect_neq(memcmp(best, weights, count * sizeof *best), 0);
    cr_expect_eq(api_history("with", 1, "train_loss"), api_history("without", 1, "train_loss"));
    cr_expect_neq(api_history("with", 1, "val_loss"), api_history("without", 1, "val_loss"));
}

Test(ema, an_interruption_changes_no_bit)
{
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", SMALL "ema=0.9 epochs=3"));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", SMALL "ema=0.9 epochs=3", (struct api_stop){.train_calls = 4}));
    API_EXPECT(NEPHOS_OK, api_train("parts", SMALL "ema=0.9 epochs=3 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(ema, goes_on_only_as_it_began)
{
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("with", SMALL "ema=0.9"));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("with", SMALL "epochs=2 resume=true"));
    api_expect_error("trained with --ema");
    API_EXPECT(NEPHOS_OK, api_train("without", SMALL));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("without", SMALL "ema=0.9 epochs=2 resume=true"));
    api_expect_error("trained without --ema");
}
