// SPDX-License-Identifier: MIT
// steps.csv: what a training says about each step.
#include "api/api.h"

TestSuite(steps, .init = api_setup, .fini = api_teardown, .timeout = 300);

// malloc'ed.
static char *text_of(const char *run, const char *name)
{
    size_t size;
    uint8_t *bytes = folder_read(api_path(run, name), &size);
    char *text = strndup((const char *)bytes, size);
    free(bytes);
    return text;
}

static unsigned count_rows(const char *text)
{
    unsigned lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines - 1;
}

Test(steps, each_step_has_a_row_whose_losses_make_the_mean_of_the_epoch)
{
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "log-every=1 lr=0.002"));
    char *text = text_of("run", "steps.csv"), *line = strchr(text, '\n') + 1;
    const unsigned count = count_rows(text);
    cr_assert_geq(count, 4);
    double sum = 0;
    for (unsigned i = 1; i <= count; i++, line = strchr(line, '\n') + 1) {
        unsigned step, epoch;
        double loss, lr, norm, scale;
        cr_assert_eq(sscanf(line, "%u,%u,%lf,%lf,%lf,%lf", &step, &epoch, &loss, &lr, &norm, &scale), 6, "%s", line);
        cr_expect_eq(step, i);
        cr_expect_eq(epoch, 1);
        cr_expect_float_eq(lr, 0.002, 1e-9);
        cr_expect_gt(norm, 0);
        cr_expect_eq(scale, 0);
        sum += loss;
    }
    cr_expect_float_eq(sum / count, api_history("run", 1, "train_loss"), 1e-6);
    free(text);
}

Test(steps, rows_come_as_often_as_asked_for_and_survive_an_interruption)
{
    api_one_driver_is_enough();
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", "epochs=2 log-every=3"));
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", "epochs=2 log-every=3", (struct api_stop){.train_calls = 4}));
    API_EXPECT(NEPHOS_OK, api_train("parts", "epochs=2 log-every=3 resume=true"));
    char *whole = text_of("whole", "steps.csv"), *parts = text_of("parts", "steps.csv");
    cr_expect_str_eq(whole, parts);
    cr_expect_eq(strncmp(strchr(whole, '\n') + 1, "3,1,", 4), 0);
    free(whole);
    free(parts);
    API_EXPECT(NEPHOS_OK, api_train("without", ""));
    cr_expect_eq(api_count_files(api_path("without", ""), "steps.csv"), 0);
}
