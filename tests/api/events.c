// SPDX-License-Identifier: MIT
// What a training shows as it goes: event files for TensorBoard, and the state of the report.
#include "api/api.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

TestSuite(run_events, .init = api_setup, .fini = api_teardown, .timeout = 300);

// Whether the `nth` event file of the run has the words, tags among them.
static bool says(uint32_t nth, const char *words)
{
    glob_t found;
    size_t size;
    cr_assert_eq(glob(api_path("run", "events.out.tfevents.*"), 0, NULL, &found), 0);
    cr_assert_lt(nth, found.gl_pathc);
    uint8_t *bytes = folder_read(found.gl_pathv[nth], &size);
    const bool result = memmem(bytes, size, words, strlen(words)) != NULL;
    free(bytes);
    globfree(&found);
    return result;
}

Test(run_events, each_session_has_a_file_with_scalars_and_at_its_end_images)
{
    api_one_driver_is_enough();
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=2"));
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0 epochs=2 resume=true"));
    cr_assert_eq(api_count_files(api_path("run", ""), "tfevents"), 2);
    for (uint32_t i = 0; i < 2; i++) {
        cr_expect(says(i, "brain.Event:2"));
        cr_expect(says(i, "train/loss") && says(i, "val/dice") && says(i, "images_per_second"));
        cr_expect(!says(i, "val/pr_auc"), "without a classification head");
    }
    cr_expect(says(0, "examples/1") && says(0, "examples/2") && !says(0, "examples/3"));
    cr_expect(!says(1, "examples/"));
}

// Whether report.html of the run has the words.
static bool report_says(const char *words)
{
    size_t size;
    uint8_t *bytes = folder_read(api_path("run", "report.html"), &size);
    const bool result = memmem(bytes, size, words, strlen(words)) != NULL;
    free(bytes);
    return result;
}

Test(run_events, the_report_of_a_stopped_run_says_so_until_it_goes_on)
{
    api_one_driver_is_enough();
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("run", "epochs=2", (struct api_stop){.train_calls = 7}));
    cr_expect(report_says("Training was stopped") && !report_says("refresh"));
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=2 resume=true"));
    cr_expect(!report_says("Training was stopped") && !report_says("refresh"));
}
