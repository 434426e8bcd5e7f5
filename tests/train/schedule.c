// SPDX-License-Identifier: MIT
// The course of the learning rate. Values are those of torch.optim.lr_scheduler (2.14) at lr 0.1 over 20 steps.
#include "train/schedule.h"

#include "train/plateau.h"

#include <criterion/criterion.h>
#include <math.h>

enum { STEPS = 20, EPOCH = 2 }; // steps an epoch

static struct train_settings settings_of(uint32_t schedule)
{
    return (struct train_settings){.schedule = schedule,
                                   .lr = 0.1f,
                                   .epochs = STEPS / EPOCH,
                                   .step_epochs = 6,
                                   .step_factor = 0.1f,
                                   .poly_power = 0.9f,
                                   .one_cycle_rise = 0.3f,
                                   .one_cycle_div = 25,
                                   .one_cycle_final_div = 1e4f,
                                   .plateau_patience = 2,
                                   .plateau_factor = 0.1f};
}

// Settings are floats: their rounding shows in the last digits.
static void expect_course(const struct train_settings *settings, const double want[STEPS])
{
    for (uint64_t i = 0; i < STEPS; i++) {
        const double lr = (double)schedule_lr(settings, i, EPOCH);
        cr_expect_float_eq(lr, want[i], 2e-6 * want[i] + 1e-10, "step %d: %.9g, PyTorch %.9g", (int)i, lr, want[i]);
    }
}

Test(schedule, one_cycle_is_pytorchs)
{
    struct train_settings settings = settings_of(TRAIN_ONE_CYCLE);
    expect_course(&settings,
                  (const double[]){0.004,        0.0131671843, 0.0371671843, 0.0668328157, 0.0908328157,  0.1,       0.0987464006,
                                   0.0950484632, 0.0890916178, 0.0811745654, 0.0716943002, 0.0611262022,  0.0500002, 0.0388741978,
                                   0.0283060998, 0.0188258346, 0.0109087822, 0.0049519368, 0.00125399938, 4e-07});
    settings.one_cycle_rise = 0.25f;
    settings.one_cycle_div = 10;
    settings.one_cycle_final_div = 100;
    expect_course(&settings,
                  (const double[]){0.01,         0.0231801948, 0.055,         0.0868198052,  0.1,           0.0989084727, 0.0956815956,
                                   0.0904603989, 0.0834730738, 0.075025,      0.0654853989,  0.0552711967,  0.0448288033, 0.0346146011,
                                   0.025075,     0.0166269262, 0.00963960113, 0.00441840439, 0.00119152734, 0.0001});
}

Test(schedule, poly_is_pytorchs)
{
    const struct train_settings settings = settings_of(TRAIN_POLY);
    expect_course(&settings,
                  (const double[]){0.1,          0.0954885382, 0.0909532576, 0.0863926972, 0.0818052146, 0.0771889507, 0.0725417847,
                                   0.0678612759, 0.0631445867, 0.0583883793, 0.0535886731, 0.0487406439, 0.0438383291, 0.0388741799,
                                   0.0338383462, 0.0287174589, 0.0234923789, 0.0181335207, 0.0125892541, 0.00674641424});
}

Test(schedule, steps_are_pytorchs)
{
    const struct train_settings settings = settings_of(TRAIN_STEP);
    double want[STEPS];
    for (int i = 0; i < STEPS; i++)
        want[i] = i < 12 ? 0.1 : 0.01;
    expect_course(&settings, want);
}

Test(schedule, cosine_with_a_least_rate_is_pytorchs)
{
    struct train_settings settings = settings_of(TRAIN_COSINE);
    settings.min_lr = 0.01f;
    expect_course(&settings,
                  (const double[]){0.1,          0.0994459753, 0.0977975432, 0.0950952936, 0.0914057647, 0.0868198052, 0.0814503364,
                                   0.0754295725, 0.0689057647, 0.0620395509, 0.055,        0.0479604491, 0.0410942353, 0.0345704275,
                                   0.0285496636, 0.0231801948, 0.0185942353, 0.0149047064, 0.0122024568, 0.0105540247});
}

Test(schedule, a_warmup_rises_to_the_first_rate_of_the_course)
{
    struct train_settings settings = settings_of(TRAIN_POLY);
    settings.warmup = 2; // 4 steps
    for (uint64_t i = 0; i < 4; i++)
        cr_expect_float_eq(schedule_lr(&settings, i, EPOCH), 0.025 * (double)(i + 1), 1e-8);
    cr_expect_float_eq(schedule_lr(&settings, 4, EPOCH), 0.1, 1e-8);
    cr_expect_float_eq(schedule_lr(&settings, 12, EPOCH), 0.1 * pow(0.5, 0.9), 1e-8);
}

Test(schedule, a_least_rate_above_lr_is_no_rise)
{
    struct train_settings settings = settings_of(TRAIN_POLY);
    settings.min_lr = 1;
    cr_expect_float_eq(schedule_lr(&settings, 10, EPOCH), 0.1, 1e-8);
    cr_expect_float_eq(plateau_lower(&settings, 0.1), 0.1, 1e-8);
}

Test(schedule, a_plateau_is_pytorchs)
{
    static const double values[] = {5, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    static const double want[] = {0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.01, 0.002, 0.002, 0.002, 0.002, 0.002, 0.002};
    struct train_settings settings = settings_of(TRAIN_PLATEAU);
    cr_assert_eq(setting_parse(NULL, "", setting_find("monitor"), "val-loss", &settings), NEPHOS_OK);
    settings.min_lr = 0.002f;
    struct plateau plateau = {.best = NAN};
    double lr = 0.1;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (plateau_judge(&plateau, &settings, values[i])) lr = plateau_lower(&settings, lr);
        cr_expect_float_eq(lr, want[i], 1e-8, "epoch %zu: %g, PyTorch %g", i + 1, lr, want[i]);
    }
}
