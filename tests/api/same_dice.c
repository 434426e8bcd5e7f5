// SPDX-License-Identifier: MIT
// Trainings that round, operands of convolutions and what is stored, reach the Dice of those that don't: from the same three starts the means differ by less than starts do.
#include "api/api.h"

#include "common/device.h"
#include "data/data.h"
#include "nephos_internal.h"
#include "op/convolution_matrix.h"

#include <math.h>

TestSuite(same_dice, .init = api_setup_folder, .fini = api_teardown, .timeout = 600);

enum { IMAGES = 60, HEIGHT = 32, WIDTH = 48, PIXELS = HEIGHT * WIDTH, SEEDS = 3, EPOCHS = 5 };

// A row of train.csv with the pixels of all classes; the Dice of calling every pixel one of them.
static double join_row(const struct data_set *set, uint32_t sample, FILE *csv)
{
    uint8_t labels[PIXELS], mask[PIXELS];
    double share = 0;
    char *codes;
    API_EXPECT(NEPHOS_OK, data_set_labels(set, sample, HEIGHT, WIDTH, labels));
    for (int i = 0; i < PIXELS; i++) share += mask[i] = labels[i] != 0;
    share /= PIXELS;
    API_EXPECT(NEPHOS_OK, nephos_rle_encode(api_log(), mask, HEIGHT, WIDTH, &codes));
    fprintf(csv, "%s_any,%s\n", set->samples[sample].name, codes);
    nephos_free(codes);
    return 2 * share / (1 + share);
}

// Drawn clouds without their kinds, which are much to learn for a small network. Returns what calling every pixel cloud would score.
static double draw_clouds(void)
{
    double trivial = 0;
    struct data_set *set = NULL;
    api_synth("clouds", IMAGES, HEIGHT, WIDTH);
    API_EXPECT(NEPHOS_OK, data_set_open(api_log(), folder_file("clouds"), &set));
    FILE *csv = fopen(folder_file("train.csv"), "w");
    cr_assert(csv && fputs("Image_Label,EncodedPixels\n", csv) >= 0);
    for (uint32_t i = 0; i < set->sample_count; i++) trivial += join_row(set, i, csv) / set->sample_count;
    cr_assert_eq(fclose(csv), 0);
    data_set_close(&set);
    cr_assert_eq(rename(folder_file("train.csv"), folder_file("clouds/train.csv")), 0);
    folder_write(folder_file("clouds/classes.txt"), "any\n", 4);
    return trivial;
}

struct outcome {
    double mean, spread; // of the validation Dice after the last epoch; largest minus smallest
};

static struct outcome train(const char *precision)
{
    double low = INFINITY, high = -INFINITY, sum = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
        char run[32], settings[160];
        snprintf(run, sizeof run, "%s-%d", precision, seed);
        snprintf(settings, sizeof settings, "precision=%s storage=%s seed=%d epochs=%d encoder=none lr=0.01 schedule=cosine examples=0",
                 precision, precision, seed, EPOCHS);
        API_EXPECT(NEPHOS_OK, api_train(run, settings));
        const double dice = api_history(run, EPOCHS, "val_dice");
        low = fmin(low, dice);
        high = fmax(high, dice);
        sum += dice;
    }
    return (struct outcome){sum / SEEDS, high - low};
}

// Of three values the range is 1.7 standard deviations in the mean, and two means of three such values are 0.8 of those apart: about
// half the range. Runs from the same starts are closer.
static void expect_same(const char *precision, struct outcome rounded, struct outcome exact)
{
    cr_expect_lt(fabs(rounded.mean - exact.mean), 0.5 * exact.spread, "%s: Dice %g, in single precision %g; starts differ by %g", precision,
                 rounded.mean, exact.mean, exact.spread);
    char run[32];
    snprintf(run, sizeof run, "%s-0", precision);
    cr_expect_neq(api_history(run, EPOCHS, "train_loss"), api_history("fp32-0", EPOCHS, "train_loss"), "%s: no kernel rounded", precision);
}

Test(same_dice, trainings_that_round_end_where_others_do)
{
    if (test_validation()) cr_skip("the layer sees these kernels in other tests");
    api_open_device_with("matrix"); // by itself a software device would use none of these
    const struct gpu_limits *limits = gpu_get_limits(api_device->gpu);
    const bool bf16 = conv_matrix_usable(limits, GPU_BF16);
    if (!conv_matrix_usable(limits, GPU_FP16)) cr_skip("no matrix units");
    const double trivial = draw_clouds();
    const struct outcome halves = train("fp16"), brains = bf16 ? train("bf16") : halves;
    api_close_device();
    api_open_device_with("baseline");
    const struct outcome exact = train("fp32");
    cr_assert_gt(exact.mean - exact.spread, trivial + 0.15, "Dice %g, everything is cloud: %g", exact.mean, trivial);
    expect_same("fp16", halves, exact);
    if (bf16) expect_same("bf16", brains, exact);
}
