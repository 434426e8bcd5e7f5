// SPDX-License-Identifier: MIT
// The same settings give the same bits, also across interruptions.
#include "api/api.h"

TestSuite(repeat, .init = api_setup, .fini = api_teardown, .timeout = 600);

Test(repeat, same_seed_gives_same_bits_on_any_number_of_threads)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("a", "threads=1"));
    API_EXPECT(NEPHOS_OK, api_train("b", "threads=4"));
    api_expect_same_run("a", "b");
}

Test(repeat, another_seed_gives_other_weights)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("a", "seed=1"));
    API_EXPECT(NEPHOS_OK, api_train("b", "seed=2"));
    cr_assert_eq(api_same_tensors(api_path("a", "last.safetensors"), api_path("b", "last.safetensors")), -1);
    cr_assert_not(api_same_history("a", "b"));
}

// Dropout, flips, a warm-up and momentum all depend on the step: each would show a counter that starts anew.
#define COURSE "dropout=0.2 warmup=1 clip-norm=5 "

Test(repeat, resuming_gives_the_bits_of_an_uninterrupted_run)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", COURSE "epochs=2"));
    API_EXPECT(NEPHOS_OK, api_train("parts", COURSE "epochs=1"));
    API_EXPECT(NEPHOS_OK, api_train("parts", COURSE "epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(repeat, an_interruption_inside_an_epoch_changes_no_bit)
{
    api_synth("clouds", 22, 32, 48); // 4 or 5 steps an epoch
    API_EXPECT(NEPHOS_OK, api_train("whole", COURSE "epochs=2"));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", COURSE "epochs=2", (struct api_stop){.train_calls = 2}));
    char step[32];
    api_metadata(api_path("parts", "last.safetensors"), "train.step_in_epoch", step, sizeof step);
    cr_assert_str_neq(step, "0", "the steps done are kept");
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", COURSE "epochs=2 resume=true", (struct api_stop){.train_calls = 4}));
    API_EXPECT(NEPHOS_OK, api_train("parts", COURSE "epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(repeat, an_interruption_of_the_validation_changes_no_bit)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", COURSE "epochs=2"));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", COURSE "epochs=2", (struct api_stop){.validate_calls = 1}));
    API_EXPECT(NEPHOS_OK, api_train("parts", COURSE "epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(repeat, sgd_resumes_its_momentum)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", "optimizer=sgd nesterov=true lr=0.01 epochs=2"));
    API_EXPECT(NEPHOS_OK, api_train("parts", "optimizer=sgd nesterov=true lr=0.01 epochs=1"));
    API_EXPECT(NEPHOS_OK, api_train("parts", "optimizer=sgd nesterov=true lr=0.01 epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

// Nothing gets better at such a rate: it falls at the end of the third epoch. A count that started anew would not let it.
Test(repeat, a_plateau_resumes_its_count)
{
#define FLAT "optimizer=nadam encoder=none schedule=plateau plateau-patience=1 plateau-factor=0.5 lr=1e-9 threshold=0.99 examples=0 "
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", FLAT "epochs=4"));
    API_EXPECT(NEPHOS_OK, api_train("parts", FLAT "epochs=2"));
    API_EXPECT(NEPHOS_OK, api_train("parts", FLAT "epochs=4 resume=true"));
    api_expect_same_run("whole", "parts");
    char scale[32];
    api_metadata(api_path("parts", "last.safetensors"), "train.lr_scale", scale, sizeof scale);
    cr_assert_float_eq(strtod(scale, NULL), 0.5, 1e-6);
}

Test(repeat, groups_of_parameters_resume)
{
#define GROUPED "encoder-lr=0.1 decay-norm-bias=false weight-decay=0.01 optimizer=radam examples=0 "
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", GROUPED "epochs=2"));
    API_EXPECT(NEPHOS_OK, api_train("parts", GROUPED "epochs=1"));
    API_EXPECT(NEPHOS_OK, api_train("parts", GROUPED "epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

// --- steps made of parts ----------------------------------------------------------------------------------------------

#define PARTS COURSE "batch=5 micro-batch=2 "

Test(repeat, micro_batches_give_the_same_bits_on_any_number_of_threads)
{
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("a", PARTS "threads=1"));
    API_EXPECT(NEPHOS_OK, api_train("b", PARTS "threads=4"));
    api_expect_same_run("a", "b");
}

Test(repeat, an_interruption_between_micro_batches_changes_no_bit)
{
    api_synth("clouds", 28, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", PARTS "epochs=2"));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", PARTS "epochs=2", (struct api_stop){.train_calls = 1}));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", PARTS "epochs=2 resume=true", (struct api_stop){.train_calls = 3}));
    API_EXPECT(NEPHOS_OK, api_train("parts", PARTS "epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(repeat, a_micro_batch_as_large_as_the_batch_changes_no_bit)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("a", "batch=4"));
    API_EXPECT(NEPHOS_OK, api_train("b", "batch=4 micro-batch=4"));
    API_EXPECT(NEPHOS_OK, api_train("c", "batch=4 micro-batch=9"));
    api_expect_same_run("a", "b");
    api_expect_same_run("a", "c");
}

static const char *written_batch(const char *run)
{
    static char line[80];
    FILE *file = fopen(api_path(run, "config.ini"), "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) && strncmp(line, "batch = ", 8) != 0) continue;
    fclose(file);
    return line;
}

Test(repeat, an_automatic_batch_is_written_down_and_kept)
{
    api_synth("clouds", 48, 32, 48); // 38 for training: 2 leave 16 steps an epoch
    API_EXPECT(NEPHOS_OK, api_train("a", "batch=2 epochs=2"));
    API_EXPECT(NEPHOS_OK, api_train("b", "batch=auto epochs=1"));
    cr_expect_str_eq(written_batch("b"), "batch = 2\n");
    API_EXPECT(NEPHOS_OK, api_train("b", "batch=auto epochs=2 resume=true"));
    cr_expect_str_eq(written_batch("b"), "batch = 2\n");
    api_expect_same_run("a", "b");
}
