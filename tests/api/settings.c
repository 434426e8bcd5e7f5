// SPDX-License-Identifier: MIT
// What the settings of a training promise.
#include "api/api.h"

#include "data/safetensors.h"

#include <math.h>
#include <unistd.h>

TestSuite(settings, .init = api_setup, .fini = api_teardown, .timeout = 600);

Test(settings, cosine_after_a_warmup_is_what_the_history_shows)
{
    api_synth("clouds", 12, 32, 48); // 2 steps an epoch
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=4 lr=0.01 warmup=1 schedule=cosine examples=0"));
    char steps[32];
    api_metadata(api_path("run", "last.safetensors"), "train.steps", steps, sizeof steps);
    const double per_epoch = atof(steps) / 4;
    cr_assert_float_eq(api_history("run", 1, "lr"), 0.01, 1e-9, "the warm-up's last step has the whole rate");
    for (uint32_t epoch = 2; epoch <= 4; epoch++) {
        const double done = (epoch * per_epoch - 1 - per_epoch) / (3 * per_epoch);
        cr_assert_float_eq(api_history("run", epoch, "lr"), 0.005 * (1 + cos(acos(-1.0) * done)), 1e-8, "epoch %u", epoch);
    }
}

Test(settings, patience_stops_a_run_that_gets_no_better)
{
    api_synth("clouds", 12, 32, 48);
    // No probability of a fresh network gets this high: it predicts nothing in every epoch.
#define NO_PROGRESS "epochs=9 lr=1e-9 optimizer=sgd encoder=none threshold=0.99 examples=0 "
    API_EXPECT(NEPHOS_OK, api_train("run", NO_PROGRESS "patience=2"));
    cr_assert_eq(api_history_rows("run"), 3);
    API_EXPECT(NEPHOS_OK, api_train("run", NO_PROGRESS "patience=3 resume=true"));
    cr_assert_eq(api_history_rows("run"), 4, "more patience goes on");
}

Test(settings, adamw_decays_weights_that_adam_keeps)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("adam", "optimizer=adam examples=0"));
    API_EXPECT(NEPHOS_OK, api_train("plain", "optimizer=adamw examples=0"));
    API_EXPECT(NEPHOS_OK, api_train("decayed", "optimizer=adamw weight-decay=0.1 examples=0"));
    const int same = api_same_tensors(api_path("adam", "best.safetensors"), api_path("plain", "best.safetensors"));
    cr_assert_gt(same, 0, "without decay both are Adam");
    cr_assert_eq(api_same_tensors(api_path("adam", "best.safetensors"), api_path("decayed", "best.safetensors")), -1);
}

Test(settings, kin_of_adam_move_in_their_own_ways)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("adam", "optimizer=adam encoder=none epochs=1 examples=0"));
    API_EXPECT(NEPHOS_OK, api_train("radam", "optimizer=radam encoder=none epochs=1 examples=0"));
    API_EXPECT(NEPHOS_OK, api_train("nadam", "optimizer=nadam encoder=none epochs=1 examples=0"));
    cr_assert_eq(api_same_tensors(api_path("adam", "last.safetensors"), api_path("radam", "last.safetensors")), -1);
    cr_assert_eq(api_same_tensors(api_path("adam", "last.safetensors"), api_path("nadam", "last.safetensors")), -1);
}

Test(settings, one_cycle_refuses_a_warmup)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "schedule=one-cycle warmup=1"));
    api_expect_error("--warmup is 1, must be 0");
}

Test(settings, clipping_shortens_only_long_gradients)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("free", "optimizer=sgd examples=0"));
    API_EXPECT(NEPHOS_OK, api_train("wide", "optimizer=sgd clip-norm=1000000 examples=0"));
    API_EXPECT(NEPHOS_OK, api_train("tight", "optimizer=sgd clip-norm=0.001 examples=0"));
    cr_assert_gt(api_same_tensors(api_path("free", "best.safetensors"), api_path("wide", "best.safetensors")), 0);
    cr_assert_eq(api_same_tensors(api_path("free", "best.safetensors"), api_path("tight", "best.safetensors")), -1);
}

Test(settings, a_diverging_run_keeps_its_last_checkpoint)
{
    api_synth("clouds", 40, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=1 batch=2 optimizer=sgd examples=0"));
    size_t before_size, after_size;
    uint8_t *before = folder_read(api_path("run", "last.safetensors"), &before_size);
    API_EXPECT(NEPHOS_ERROR_DIVERGED, api_train("run", "epochs=2 batch=2 optimizer=sgd lr=100 weight-decay=10 resume=true examples=0"));
    api_expect_error("--lr");
    uint8_t *after = folder_read(api_path("run", "last.safetensors"), &after_size);
    cr_assert(before_size == after_size && memcmp(before, after, after_size) == 0);
    free(before);
    free(after);
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=2 batch=2 optimizer=sgd resume=true examples=0"));
}

Test(settings, a_run_is_not_overwritten_but_resumed_on_wish)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0"));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "examples=0"));
    api_expect_error("--resume");
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "epochs=2 resume=true seed=9"));
    api_expect_error("--seed");
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=2 resume=true encoder-width=8"));
    api_expect_error("width 4");
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=2 resume=true encoder=none"));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=2 resume=true optimizer=sgd"));
    api_expect_error("momentum_buffer");
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=2 resume=true width=64"));
    api_expect_error("32x48");
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=2 resume=true batch=3"));
    api_expect_error("--batch");
    API_EXPECT(NEPHOS_ERROR_FILE, api_train("nothing", "epochs=2 resume=true"));
    cr_assert_neq(access(folder_file("nothing"), F_OK), 0, "no folder was made");
}

// The encoder alone, saved as torchvision names it.
static void write_encoder(const char *model, const char *path)
{
    static const char prefix[] = "encoder.";
    struct safetensors *file = NULL;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), model, &file));
    struct safetensors_tensor *tensors = calloc(file->entry_count, sizeof *tensors);
    uint32_t count = 0;
    for (uint32_t i = 0; i < file->entry_count; i++) {
        const struct safetensors_entry *e = &file->entries[i];
        if (strncmp(e->name, prefix, sizeof prefix - 1) != 0) continue;
        tensors[count] = (struct safetensors_tensor){e->name + sizeof prefix - 1, e->dtype, e->rank, {0}, file->data + e->offset};
        memcpy(tensors[count++].shape, e->shape, sizeof e->shape);
    }
    API_EXPECT(NEPHOS_OK, safetensors_write(api_log(), path, tensors, count, NULL, 0));
    free(tensors);
    safetensors_close(&file);
}

// How many convolutions have the same bits in both files.
static int shared_tensors(const char *path_a, const char *path_b, const char *prefix)
{
    struct safetensors *a = NULL, *b = NULL;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), path_a, &a));
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), path_b, &b));
    int count = 0;
    for (uint32_t i = 0; i < a->entry_count; i++) {
        const struct safetensors_entry *x = &a->entries[i], *y = safetensors_find(b, x->name);
        if (strncmp(x->name, prefix, strlen(prefix)) != 0 || x->rank != 4 || !y || x->size != y->size) continue;
        count += memcmp(a->data + x->offset, b->data + y->offset, x->size) == 0;
    }
    safetensors_close(&a);
    safetensors_close(&b);
    return count;
}

// Steps so small that no weight moves.
#define STILL " lr=1e-9 clip-norm=1e-9 optimizer=sgd momentum=0 examples=0 "

Test(settings, init_takes_a_whole_model_or_its_encoder_alone)
{
    char init[256];
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("first", "lr=0.01 examples=0"));
    write_encoder(api_path("first", "last.safetensors"), folder_file("encoder.safetensors"));

    snprintf(init, sizeof init, "seed=3" STILL "init=%s", api_path("first", "last.safetensors"));
    API_EXPECT(NEPHOS_OK, api_train("whole", init));
    snprintf(init, sizeof init, "seed=3" STILL "init=%s", folder_file("encoder.safetensors"));
    API_EXPECT(NEPHOS_OK, api_train("encoder", init));
    API_EXPECT(NEPHOS_OK, api_train("none", "seed=3" STILL));

    const char *first = api_path("first", "last.safetensors");
    cr_assert_gt(shared_tensors(first, api_path("whole", "last.safetensors"), "encoder."), 10);
    cr_assert_gt(shared_tensors(first, api_path("whole", "last.safetensors"), "decoder."), 5);
    cr_assert_gt(shared_tensors(first, api_path("encoder", "last.safetensors"), "encoder."), 10);
    cr_assert_eq(shared_tensors(first, api_path("encoder", "last.safetensors"), "decoder."), 0);
    cr_assert_eq(shared_tensors(first, api_path("none", "last.safetensors"), "encoder."), 0);
}

Test(settings, init_with_another_width_is_refused_by_name)
{
    char init[256];
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("first", "examples=0"));
    snprintf(init, sizeof init, "encoder-width=8 init=%s", api_path("first", "best.safetensors"));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("second", init));
    api_expect_error("encoder.conv1.weight");
    snprintf(init, sizeof init, "encoder=none init=%s", folder_file("clouds/train.csv"));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("second", init));
    api_expect_error("train.csv");
    cr_assert_neq(access(folder_file("second"), F_OK), 0, "no folder was made");
}
