// SPDX-License-Identifier: MIT
// Real annotations, where they are at hand: every mask is decoded as another program stored it and encodes back to the same text.
#include "base/file.h"
#include "common/folder.h"
#include "data/csv.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA NEPHOS_REFERENCE_DIR "/data/"

TestSuite(reference, .init = folder_setup, .fini = folder_teardown, .timeout = 300);

static void expect_same_text(const uint8_t *mask, uint32_t height, uint32_t width, const char *expected, const char *what)
{
    char *text = data_rle_encode(mask, height, width);
    cr_expect(strcmp(text, expected) == 0, "%s is not encoded as it was", what);
    free(text);
}

static void take_bit(const uint8_t *labels, size_t count, uint32_t bit, uint8_t *mask)
{
    for (size_t i = 0; i < count; i++) mask[i] = labels[i] >> bit & 1;
}

// Compares one sample's labels with the mask file; `shift` is how far a stored value is from a class bit.
static void expect_sample(const struct data_set *set, uint32_t index, const char *mask_folder, uint32_t shift)
{
    const struct data_sample *sample = &set->samples[index];
    struct data_image stored;
    char path[512];
    snprintf(path, sizeof path, "%s/%.*s.png", mask_folder, (int)(strrchr(sample->name, '.') - sample->name), sample->name);
    cr_assert_eq(data_mask_read(folder_log, path, &stored), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    const size_t pixels = (size_t)stored.height * stored.width;
    uint8_t *labels = malloc(pixels), *mask = malloc(pixels);
    cr_assert_eq(data_set_labels(set, index, stored.height, stored.width, labels), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    for (size_t i = 0; i < pixels; i++) stored.pixels[i] = (uint8_t)(stored.pixels[i] << shift);
    cr_expect(memcmp(labels, stored.pixels, pixels) == 0, "%s differs from its mask", sample->name);
    for (uint32_t c = 0; c < set->class_count; c++) {
        take_bit(labels, pixels, c, mask);
        expect_same_text(mask, stored.height, stored.width, sample->rle[c], sample->name);
    }
    free(labels);
    free(mask);
    data_image_free(&stored);
}

static struct data_set *open_reference(const char *root, uint32_t samples)
{
    struct data_set *set = NULL;
    if (!base_dir_exists(root)) cr_skip_test("%s is not there", root);
    cr_assert_eq(data_set_open(folder_log, root, &set), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_eq(set->sample_count, samples, "%u", set->sample_count);
    return set;
}

Test(reference, clouds_decode_to_their_stored_masks_and_back)
{
    struct data_set *set = open_reference(DATA "kaggle-clouds", 850);
    uint32_t count[4] = {0};
    for (uint32_t i = 0; i < set->sample_count; i++) {
        expect_sample(set, i, DATA "kaggle-clouds/masks_bits", 0);
        count[set->samples[i].split]++;
    }
    cr_expect_eq(count[DATA_TRAIN], 700);
    cr_expect_eq(count[DATA_VAL], 150);
    data_set_close(&set);
}

Test(reference, sky_photographs_of_unequal_sizes_decode_to_their_stored_masks_and_back)
{
    struct data_set *set = open_reference(DATA "hyta", 32);
    for (uint32_t i = 0; i < set->sample_count; i++) expect_sample(set, i, DATA "hyta/masks", 1); // index 1 is the class behind bit 1
    data_set_close(&set);
}

// Unpacks into the test's folder and opens.
static void open_packed(const char *path, struct csv *csv)
{
    static char unpacked[192];
    char command[1024];
    if (!base_file_exists(path)) cr_skip_test("%s is not there", path);
    snprintf(unpacked, sizeof unpacked, "%s", folder_file("unpacked.csv"));
    snprintf(command, sizeof command, "gzip -dc '%s' > '%s'", path, unpacked);
    cr_assert_eq(system(command), 0);
    cr_assert_eq(csv_open(folder_log, unpacked, csv), NEPHOS_OK, "%s", nephos_last_error(folder_log));
}

static void expect_round_trips(const char *path, uint32_t height, uint32_t width, uint32_t rows, uint32_t empty)
{
    struct csv csv;
    bool more;
    open_packed(path, &csv);
    uint8_t *mask = malloc((size_t)height * width);
    uint32_t seen = 0, seen_empty = 0;
    for (;; seen++) {
        cr_assert_eq(csv_next(&csv, &more), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        if (!more) break;
        seen_empty += !*csv.field[1];
        cr_assert_eq(data_rle_decode(folder_log, csv.field[0], csv.field[1], height, width, mask), NEPHOS_OK, "%s",
                     nephos_last_error(folder_log));
        expect_same_text(mask, height, width, csv.field[1], csv.field[0]);
    }
    cr_expect_eq(seen, rows);
    cr_expect_eq(seen_empty, empty);
    free(mask);
    csv_close(&csv);
}

Test(reference, codes_in_the_submission_frame_survive_a_round_trip)
{
    expect_round_trips(DATA "kaggle-clouds/val_525x350.csv.gz", 350, 525, 600, 305);
}

Test(reference, codes_in_the_original_frame_survive_a_round_trip)
{
    expect_round_trips(DATA "kaggle-clouds/train_2100x1400_excerpt.csv.gz", 1400, 2100, 800, 392);
}

// The same labels stored twice: as class indices and as codes of two of the three classes.
Test(reference, indexed_masks_agree_with_their_codes)
{
    enum { HEIGHT = 240, WIDTH = 256 };
    static uint8_t labels[HEIGHT * WIDTH], decoded[HEIGHT * WIDTH];
    struct data_set *set = open_reference(DATA "wsiseg", 320);
    struct csv csv;
    bool more;
    cr_expect(set->exclusive);
    open_packed(DATA "wsiseg/train.csv.gz", &csv);
    uint32_t rows = 0;
    for (;; rows++) {
        cr_assert_eq(csv_next(&csv, &more), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        if (!more) break;
        const uint8_t class_index = strstr(csv.field[0], "_sky") ? 1 : 2;
        const uint32_t sample = rows / 2; // rows are in name order, two each
        cr_assert(strncmp(csv.field[0], set->samples[sample].name, strlen(set->samples[sample].name)) == 0);
        cr_assert_eq(data_set_labels(set, sample, HEIGHT, WIDTH, labels), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        cr_assert_eq(data_rle_decode(folder_log, "row", csv.field[1], HEIGHT, WIDTH, decoded), NEPHOS_OK, "%s",
                     nephos_last_error(folder_log));
        for (size_t i = 0; i < sizeof labels; i++) labels[i] = labels[i] == class_index;
        cr_expect(memcmp(labels, decoded, sizeof labels) == 0, "%s differs from its mask", csv.field[0]);
    }
    cr_expect_eq(rows, 640);
    csv_close(&csv);
    data_set_close(&set);
}
