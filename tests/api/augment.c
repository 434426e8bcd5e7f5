// SPDX-License-Identifier: MIT
// Training with augmentation: repeatable, and refused where it can't be.
#include "api/api.h"

#include "data/data.h"

TestSuite(augment, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define EVERYTHING "examples=0 augment=strong augment-mixup-p=0.3 augment-cutmix-p=0.3 "

Test(augment, resuming_gives_the_bits_of_an_uninterrupted_run)
{
    api_one_driver_is_enough();
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", EVERYTHING "epochs=2 batch=5 micro-batch=2"));
    API_EXPECT(NEPHOS_INTERRUPTED,
               api_train_until("parts", EVERYTHING "epochs=2 batch=5 micro-batch=2", (struct api_stop){.train_calls = 2}));
    API_EXPECT(NEPHOS_OK, api_train("parts", EVERYTHING "epochs=2 batch=5 micro-batch=2 resume=true"));
    api_expect_same_run("whole", "parts");
}

Test(augment, changes_what_is_learned_but_not_what_is_validated)
{
    api_one_driver_is_enough();
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

// --- contact sheet ----------------------------------------------------------------------------------------------------

static enum nephos_status draw_sheet(const char *file, const char *more, uint32_t images, uint32_t variants)
{
    struct nephos_config *config = api_config("unused", more);
    const struct nephos_augment_params params = {folder_file(file), images, variants};
    const enum nephos_status status = nephos_augment_sheet(api_device, config, &params);
    nephos_config_destroy(&config);
    return status;
}

static struct data_image read_sheet(const char *file)
{
    struct data_image image = {0};
    API_EXPECT(NEPHOS_OK, data_image_read(api_log(), folder_file(file), 0, 0, &image));
    return image;
}

static bool same_sheet(const char *a, const char *b)
{
    struct data_image x = read_sheet(a), y = read_sheet(b);
    const bool same = x.height == y.height && x.width == y.width && memcmp(x.pixels, y.pixels, (size_t)x.height * x.width * 3) == 0;
    data_image_free(&x);
    data_image_free(&y);
    return same;
}

Test(augment, a_sheet_shows_what_the_seed_decides)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, draw_sheet("a.png", "augment=strong threads=1", 3, 2));
    API_EXPECT(NEPHOS_OK, draw_sheet("b.png", "augment=strong threads=3", 3, 2));
    API_EXPECT(NEPHOS_OK, draw_sheet("c.png", "augment=strong seed=5", 3, 2));
    cr_assert(same_sheet("a.png", "b.png"));
    cr_assert_not(same_sheet("a.png", "c.png"));
}

static uint32_t count_differing(const struct data_image *sheet, uint32_t columns, uint32_t a, uint32_t b)
{
    const uint32_t width = (sheet->width - 6) / columns; // of a picture and the gap in front of it
    uint32_t differing = 0;
    for (uint32_t y = sheet->height / 2; y < sheet->height; y++) { // below caption and legend
        for (uint32_t x = 6; x < width; x++) {
            const uint8_t *row = sheet->pixels + (size_t)y * sheet->width * 3;
            differing += memcmp(row + 3 * (a * width + x), row + 3 * (b * width + x), 3) != 0;
        }
    }
    return differing;
}

Test(augment, a_sheet_without_changes_shows_the_image_again)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, draw_sheet("a.png", "flip=none height=128 width=192", 1, 1));
    API_EXPECT(NEPHOS_OK, draw_sheet("b.png", "flip=none height=128 width=192 augment-turn-p=1", 1, 1));
    struct data_image plain = read_sheet("a.png"), turned = read_sheet("b.png");
    cr_assert_eq(count_differing(&plain, 2, 0, 1), 0);
    cr_assert_gt(count_differing(&turned, 2, 0, 1), 100);
    data_image_free(&plain);
    data_image_free(&turned);
}

Test(augment, a_sheet_that_can_not_be_is_refused)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, draw_sheet("a.png", "", 65, 1));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, draw_sheet("a.png", "height=8192 width=8192", 8, 8));
    api_expect_error("fewer or smaller");
    cr_assert_eq(api_count_files(folder_file(""), "a.png"), 0);
}
