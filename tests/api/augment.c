// SPDX-License-Identifier: MIT
// Training with augmentation: repeatable, and refused where it can't be.
#include "api/api.h"

TestSuite(augment, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define EVERYTHING "examples=0 augment=strong augment-mixup-p=0.3 augment-cutmix-p=0.3 "

Test(augment, resuming_gives_the_bits_of_an_uninterrupted_run)
{
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", EVERYTHING "epochs=2 batch=5 micro-batch=2"));
    API_EXPECT(NEPHOS_INTERRUPTED,
               api_train_until("parts", EVERYTHING "epochs=2 batch=5 micro-batch=2", (struct api_stop){.train_calls = 2}));
    API_EXPECT(NEPHOS_OK, api_train("parts", EVERYTHING "epochs=2 batch=5 micro-batch=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(augment, changes_what_is_learned_but_not_what_is_validated)
{
    api_synth("clouds", 14, 32, 48);
    // Steps so small that validation sees the same weights.
#define STILL "examples=0 lr=1e-9 optimizer=sgd encoder=none "
    API_EXPECT(NEPHOS_OK, api_train("plain", STILL));
    API_EXPECT(NEPHOS_OK, api_train("clouds_run", STILL "augment=clouds"));
    cr_assert_neq(api_history("plain", 1, "train_loss"), api_history("clouds_run", 1, "train_loss"));
    cr_assert_float_eq(api_history("plain", 1, "val_loss"), api_history("clouds_run", 1, "val_loss"), 0.1);
}

Test(augment, mixing_wants_a_batch)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "batch=1 augment-cutmix-p=0.5"));
    api_expect_error("--batch");
}
