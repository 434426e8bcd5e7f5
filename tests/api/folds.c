// SPDX-License-Identifier: MIT
// Cross-validation through the public interface.
#include "api/api.h"

#include <unistd.h>

TestSuite(folds, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define FOLDS "folds=3 encoder=none examples=0 "

// A field of the row of folds.csv that begins with `name`.
static double field(const char *run, const char *name, uint32_t column)
{
    char line[256], *at = NULL;
    FILE *file = fopen(api_path(run, "folds.csv"), "r");
    cr_assert_not_null(file);
    while (!at && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ',') at = line;
    fclose(file);
    cr_assert_not_null(at, "no row %s", name);
    while (column--)
        at = strchr(at, ',') + 1;
    return strtod(at, NULL);
}

Test(folds, every_image_validates_once_and_scores_are_pooled)
{
    api_one_driver_is_enough();
    api_synth("clouds", 13, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", FOLDS));
    double images = 0, dice = 0;
    for (int i = 1; i <= 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        images += field("run", name, 1);
        dice += field("run", name, 1) * field("run", name, 2);
    }
    cr_assert_eq(images, 13);
    cr_assert_eq(field("run", "pooled", 1), 13);
    cr_assert_float_eq(field("run", "pooled", 2), dice / 13, 2e-6, "a Dice is a mean over images");
    cr_assert_eq(access(api_path("run", "folds.json"), F_OK), 0);
}

Test(folds, resuming_goes_on_with_every_fold)
{
    api_one_driver_is_enough();
    api_synth("clouds", 13, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", FOLDS));
    // Two or three steps a fold: stops inside the second.
    API_EXPECT(NEPHOS_INTERRUPTED, api_train_until("parts", FOLDS, (struct api_stop){.train_calls = 3}));
    cr_assert_neq(access(api_path("parts", "fold-3"), F_OK), 0);
    API_EXPECT(NEPHOS_OK, api_train("parts", FOLDS "resume=true"));
    api_expect_same_run("whole/fold-1", "parts/fold-1");
    api_expect_same_run("whole/fold-2", "parts/fold-2");
    api_expect_same_run("whole/fold-3", "parts/fold-3");
}

Test(folds, one_fold_alone_is_that_of_all)
{
    api_one_driver_is_enough();
    api_synth("clouds", 13, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("all", FOLDS));
    API_EXPECT(NEPHOS_OK, api_train("one", FOLDS "fold=2"));
    api_expect_same_run("all/fold-2", "one/fold-2");
    cr_assert_neq(access(api_path("one", "fold-1"), F_OK), 0);
    cr_assert_eq(field("one", "pooled", 1), field("all", "2", 1));
    API_EXPECT(NEPHOS_OK, api_train("one/fold-2", FOLDS "fold=2 epochs=2 resume=true"));
    cr_assert_eq(api_history_rows("one/fold-2"), 2);
}

Test(folds, what_can_not_be_is_refused)
{
    api_synth("clouds", 6, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "folds=1"));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "folds=3 fold=4"));
    api_expect_error("--fold 4 of --folds 3");
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "folds=7"));
    api_expect_error("into 7 folds");
    cr_assert_neq(access(folder_file("run"), F_OK), 0, "no folder was made");
}
