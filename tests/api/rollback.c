// SPDX-License-Identifier: MIT
// What a run does when its numbers are not finite, and what else decides when it ends.
#include "api/api.h"

#include <unistd.h>

TestSuite(rollback, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define PLAIN "epochs=2 batch=2 optimizer=sgd weight-decay=10 encoder=none examples=0 "
// Weights grow without bound at the first rate; a power of two lower they don't.
#define WILD PLAIN "lr=64 rollbacks=1 rollback-lr=0.0001220703125 "
#define TAME PLAIN "lr=0.0078125 "

Test(rollback, a_run_rolled_back_is_one_with_the_lower_rate)
{
    api_one_driver_is_enough();
    api_synth("clouds", 40, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("wild", WILD));
    API_EXPECT(NEPHOS_OK, api_train("tame", TAME));
    api_expect_same_run("wild", "tame");
    char scale[32];
    api_metadata(api_path("wild", "last.safetensors"), "train.lr_scale", scale, sizeof scale);
    cr_assert_eq(strtod(scale, NULL), 0.0001220703125);
}

Test(rollback, resuming_behind_a_rollback_gives_the_same_bits)
{
    api_one_driver_is_enough();
    api_synth("clouds", 40, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", WILD));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", WILD, (struct api_stop){.train_calls = 18}));
    cr_assert_eq(access(api_path("parts", "epoch-start.safetensors"), F_OK), 0, "it was not interrupted inside an epoch");
    API_EXPECT(NEPHOS_OK, api_train("parts", WILD "resume=true"));
    api_expect_same_run("whole", "parts");
    cr_assert_neq(access(api_path("parts", "epoch-start.safetensors"), F_OK), 0);
}

// Interrupted before the loss breaks down: the way back leads behind the interruption.
Test(rollback, an_interrupted_epoch_is_rolled_back_whole)
{
    api_one_driver_is_enough();
    api_synth("clouds", 40, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", WILD));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", WILD, (struct api_stop){.train_calls = 1}));
    API_EXPECT(NEPHOS_OK, api_train("parts", WILD "resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(rollback, without_rollbacks_the_run_ends_at_once)
{
    api_synth("clouds", 40, 32, 48);
    API_EXPECT(NEPHOS_ERROR_DIVERGED, api_train("run", PLAIN "lr=64 rollbacks=0"));
    api_expect_error("after 0 rollbacks");
}

Test(rollback, the_monitor_decides_which_epoch_is_best)
{
    api_synth("clouds", 12, 32, 48);
    // One tiny step an epoch never changes a prediction, but always the loss.
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=3 lr=1e-5 optimizer=sgd encoder=none threshold=0.99 monitor=train-loss examples=0"));
    char epoch[32];
    api_metadata(api_path("run", "last.safetensors"), "train.best_epoch", epoch, sizeof epoch);
    uint32_t best = 1;
    for (uint32_t i = 2; i <= 3; i++)
        if (api_history("run", i, "train_loss") < api_history("run", best, "train_loss")) best = i;
    cr_assert_eq((uint32_t)atoi(epoch), best);
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=4 monitor=val-loss optimizer=sgd encoder=none threshold=0.99 resume=true"));
    api_expect_error("--monitor train-loss, not val-loss");
}

Test(rollback, a_change_below_min_delta_does_not_count)
{
    api_one_driver_is_enough();
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=6 patience=2 min-delta=1000 monitor=val-loss encoder=none examples=0"));
    cr_assert_eq(api_history_rows("run"), 3);
}

static bool train_again(void *user, const struct nephos_progress *progress)
{
    enum nephos_status *status = user;
    (void)progress;
    struct nephos_config *config = api_config("run", "epochs=1 encoder=none resume=true");
    if (*status == NEPHOS_OK) *status = nephos_train(api_device, config, NULL, NULL);
    nephos_config_destroy(&config);
    return true;
}

Test(rollback, a_run_directory_is_of_one_training_at_a_time)
{
    api_one_driver_is_enough();
    api_synth("clouds", 12, 32, 48);
    enum nephos_status second = NEPHOS_OK;
    struct nephos_config *config = api_config("run", "epochs=1 encoder=none examples=0");
    API_EXPECT(NEPHOS_OK, nephos_train(api_device, config, train_again, &second));
    nephos_config_destroy(&config);
    cr_assert_eq(second, NEPHOS_ERROR_ARGUMENT);
    api_expect_error("run is in use by process");
    cr_assert_neq(access(api_path("run", "lock"), F_OK), 0);
}
