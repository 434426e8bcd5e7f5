// SPDX-License-Identifier: MIT
#include "train/monitor.h"

#include "train/setting.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

// Position of a choice, as the settings store it.
static uint32_t monitor_of(const char *name)
{
    struct train_settings settings;
    cr_assert_eq(setting_parse(NULL, "", setting_find("monitor"), name, &settings), NEPHOS_OK);
    return settings.monitor;
}

Test(monitor, every_choice_reads_its_own_column)
{
    const struct history_row row = {
        .train_loss = 1,
        .train_dice = 2,
        .val_loss = 3,
        .val_dice = 4,
        .val_iou = 5,
        .val_accuracy = 6,
        .val_pr_auc = 7,
        .val_roc_auc = 8,
    };
    static const struct {
        const char *name;
        double value;
    } cases[] = {
        {"val-dice", 4}, {"val-iou", 5}, {"val-accuracy", 6}, {"val-loss", 3}, {"train-loss", 1}, {"val-pr-auc", 7}, {"val-roc-auc", 8},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const uint32_t monitor = monitor_of(cases[i].name);
        cr_assert_str_eq(monitor_name(monitor), cases[i].name);
        cr_assert_eq(monitor_value(monitor, &row), cases[i].value);
    }
}

Test(monitor, a_loss_is_better_when_lower)
{
    const uint32_t dice = monitor_of("val-dice"), loss = monitor_of("val-loss");
    cr_assert(monitor_is_better(dice, 0.5, 0.25, 0));
    cr_assert_not(monitor_is_better(dice, 0.25, 0.5, 0));
    cr_assert_not(monitor_is_better(dice, 0.5, 0.5, 0));
    cr_assert(monitor_is_better(loss, 0.25, 0.5, 0));
    cr_assert_not(monitor_is_better(loss, 0.5, 0.25, 0));
}

Test(monitor, the_least_change_is_exclusive)
{
    const uint32_t dice = monitor_of("val-dice"), loss = monitor_of("val-loss");
    cr_assert_not(monitor_is_better(dice, 0.5, 0.25, 0.25));
    cr_assert(monitor_is_better(dice, 0.5, 0.25, 0.125));
    cr_assert_not(monitor_is_better(loss, 0.25, 0.5, 0.25));
    cr_assert(monitor_is_better(loss, 0.25, 0.5, 0.125));
}

Test(monitor, no_number_is_never_better_and_always_bettered)
{
    for (uint32_t monitor = 0; monitor < 7; monitor++) {
        cr_assert_not(monitor_is_better(monitor, NAN, 0, 0));
        cr_assert_not(monitor_is_better(monitor, NAN, NAN, 0));
        cr_assert(monitor_is_better(monitor, -1e30, NAN, 1));
    }
}
