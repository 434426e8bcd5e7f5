// SPDX-License-Identifier: MIT
// Every term of the loss and each of its settings in tiny trainings: they run, and change what they should.
#include "api/api.h"

#include "common/device.h"
#include "data/data.h"

#include <math.h>
#include <sys/stat.h>

TestSuite(losses, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define TINY "encoder=none encoder-width=4 examples=0 flip=none "

static double loss_with(const char *run, const char *more)
{
    char text[256];
    snprintf(text, sizeof text, TINY "%s", more);
    API_EXPECT(NEPHOS_OK, api_train(run, text));
    const double loss = api_history(run, 1, "val_loss");
    cr_assert(isfinite(loss) && loss > 0, "%s: %g", more, loss);
    return loss;
}

// The first steps see the same numbers: a setting that changes nothing would give the same loss to the last bit.
static void expect_change(const char *run, const char *term, const char *setting, double before)
{
    char text[128];
    snprintf(text, sizeof text, "loss=%s %s", term, setting);
    cr_expect_neq(loss_with(run, text), before, "%s changes nothing", text);
}

Test(losses, every_term_trains_where_classes_overlap)
{
    api_one_driver_is_enough();
    api_synth("clouds", 12, 32, 48);
    static const char *const terms[] = {"dice-positive", "jaccard", "tversky", "focal-tversky", "mcc", "focal", "lovasz"};
    double sum = 0;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        char text[64];
        snprintf(text, sizeof text, "loss=%s lr=1e-9", terms[i]);
        sum += loss_with(terms[i], text);
    }
    // Of the same weights the sum of all is the sum of each.
    const double all = loss_with("all", "loss=dice-positive+jaccard+tversky+focal-tversky+mcc+focal+lovasz lr=1e-9");
    cr_expect_float_eq(all, sum, 1e-4 * sum, "%g, not %g", all, sum);
    const double weighted = loss_with("weighted", "loss=0.5*mcc lr=1e-9"), plain = api_history("mcc", 1, "val_loss");
    cr_expect_float_eq(weighted, 0.5 * plain, 1e-5);
}

Test(losses, settings_change_their_term)
{
    api_one_driver_is_enough();
    api_synth("clouds", 12, 32, 48);
    const double bce = loss_with("bce", "loss=bce"), tversky = loss_with("t", "loss=tversky");
    const double focal = loss_with("f", "loss=focal"), focal_tversky = loss_with("ft", "loss=focal-tversky");
    expect_change("a", "bce", "pos-weight=3", bce);
    expect_change("b", "bce", "class-weight=1,2,1,1", bce);
    expect_change("c", "bce", "label-smoothing=0.1", bce);
    expect_change("d", "tversky", "tversky-alpha=0.3", tversky);
    expect_change("e", "tversky", "tversky-beta=0.9", tversky);
    expect_change("g", "focal-tversky", "focal-tversky-gamma=1.5", focal_tversky);
    expect_change("h", "focal", "focal-alpha=0", focal);
    expect_change("i", "focal", "focal-gamma=1", focal);
}

Test(losses, what_does_not_go_together_is_refused)
{
    static const struct {
        const char *settings, *message;
    } bad[] = {
        {"loss=dice class-mode=multiclass", "--class-mode multiclass needs one class per pixel"},
        {"loss=bce class-mode=multiclass", "use ce"},
        {"loss=ce class-mode=multilabel", "use bce"},
        {"loss=dice pos-weight=2", "--pos-weight is for the term bce"},
        {"loss=focal class-weight=2", "--class-weight is for the term bce or ce"},
        {"loss=mcc label-smoothing=0.1", "--label-smoothing is for the term bce or ce"},
        {"loss=bce pos-weight=1,2,3", "3 numbers for 4 classes"},
    };
    api_synth("clouds", 12, 32, 48);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", bad[i].settings));
        api_expect_error(bad[i].message);
        cr_assert_eq(api_count_files(folder_file("run"), ""), 0);
    }
}

// Halves are stored where channels are many enough; the loss is scaled, and what it comes to stays near.
Test(losses, stay_near_with_halves_and_in_parts)
{
    api_one_driver_is_enough();
    api_synth("clouds", 12, 32, 48);
    const char *const all = "loss=bce+dice-positive+jaccard+mcc+focal+lovasz lr=1e-9";
    char text[160];
    const double whole = loss_with("whole", all);
    snprintf(text, sizeof text, "%s storage=fp16 micro-batch=2", all);
    const double parts = loss_with("parts", text);
    // Dice, Jaccard, Matthews and Lovász see two images at a time instead of four.
    cr_expect_float_eq(parts, whole, 0.1 * whole, "%g, whole %g", parts, whole);
    snprintf(text, sizeof text, "%s storage=fp16", all);
    const double halves = loss_with("halves", text);
    cr_expect_float_eq(halves, whole, 0.01 * whole, "%g, in single precision %g", halves, whole);
}
