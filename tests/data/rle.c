// SPDX-License-Identifier: MIT
#include "base/rng.h"
#include "common/folder.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(rle, .init = folder_setup, .fini = folder_teardown);

enum { HEIGHT = 3, WIDTH = 4 };

Test(rle, positions_are_one_based_and_run_down_the_columns)
{
    static const uint8_t expected[HEIGHT][WIDTH] = {{1, 0, 0, 0}, {0, 0, 1, 0}, {1, 0, 1, 1}};
    uint8_t mask[HEIGHT][WIDTH];
    cr_assert_eq(nephos_rle_decode(folder_log, "1 1 3 1 8 2 12 1", HEIGHT, WIDTH, mask[0]), NEPHOS_OK);
    cr_expect_arr_eq(mask, expected, sizeof mask);
}

Test(rle, empty_text_is_an_empty_mask)
{
    static const uint8_t empty[HEIGHT * WIDTH] = {0};
    uint8_t mask[HEIGHT * WIDTH];
    for (int i = 0; i < 2; i++) {
        memset(mask, 7, sizeof mask);
        cr_assert_eq(nephos_rle_decode(folder_log, i ? " \t" : "", HEIGHT, WIDTH, mask), NEPHOS_OK);
        cr_expect_arr_eq(mask, empty, sizeof mask);
    }
    char *text;
    cr_assert_eq(nephos_rle_encode(folder_log, empty, HEIGHT, WIDTH, &text), NEPHOS_OK);
    cr_expect_str_eq(text, "");
    nephos_free(text);
}

Test(rle, full_mask_is_one_run)
{
    uint8_t mask[HEIGHT * WIDTH];
    char *text;
    memset(mask, 255, sizeof mask);
    cr_assert_eq(nephos_rle_encode(folder_log, mask, HEIGHT, WIDTH, &text), NEPHOS_OK);
    cr_expect_str_eq(text, "1 12");
    nephos_free(text);
}

Test(rle, touching_runs_are_accepted_and_encoded_as_one)
{
    uint8_t mask[HEIGHT * WIDTH];
    char *text;
    cr_assert_eq(nephos_rle_decode(folder_log, "  2 3\t5  4 ", HEIGHT, WIDTH, mask), NEPHOS_OK);
    cr_assert_eq(nephos_rle_encode(folder_log, mask, HEIGHT, WIDTH, &text), NEPHOS_OK);
    cr_expect_str_eq(text, "2 7");
    nephos_free(text);
}

Test(rle, every_small_mask_survives_a_round_trip)
{
    for (unsigned bits = 0; bits < 1u << (HEIGHT * WIDTH); bits++) {
        uint8_t mask[HEIGHT * WIDTH], back[HEIGHT * WIDTH];
        for (int i = 0; i < HEIGHT * WIDTH; i++) mask[i] = bits >> i & 1;
        char *text = data_rle_encode(mask, HEIGHT, WIDTH);
        cr_assert_eq(nephos_rle_decode(folder_log, text, HEIGHT, WIDTH, back), NEPHOS_OK, "%s: %s", text, nephos_last_error(folder_log));
        cr_assert_arr_eq(back, mask, sizeof mask, "%s", text);
        free(text);
    }
}

Test(rle, errors_name_the_place_the_run_and_what_is_wrong)
{
    static const struct {
        const char *text, *says[3];
    } wrong[] = {
        {"5", {"run 1", "start 5", "odd count"}},
        {"1 1 5", {"run 2", "start 5", "odd count"}},
        {"a 1", {"run 1", "\"a\"", "not a number"}},
        {"1 1 3 x9", {"run 2", "\"x9\"", "not a number"}},
        {"1 -1", {"run 1", "\"-1\"", "not a number"}},
        {"+1 1", {"run 1", "\"+1\"", "not a number"}},
        {"1,1", {"run 1", "\"1,1\"", "not a number"}},
        {"1.5 1", {"run 1", "\"1.5\"", "not a number"}},
        {"0 2", {"run 1", "starts at 0", "first pixel is 1"}},
        {"3 0", {"run 1", "start 3", "length 0"}},
        {"4 3 6 1", {"run 2", "starts at 6", "ends at 6"}},
        {"4 3 2 1", {"run 2", "starts at 2", "ends at 6"}},
        {"4 3 4 3", {"run 2", "starts at 4", "ends at 6"}},
        {"12 2", {"run 1", "start 12 length 2", "last pixel, 12"}},
        {"13 1", {"run 1", "start 13 length 1", "last pixel, 12"}},
        {"1 99999999999999999999999", {"run 1", "start 1", "last pixel, 12"}},
        {"18446744073709551615 18446744073709551615", {"run 1", "start 18446744073709551615", "last pixel, 12"}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t mask[HEIGHT * WIDTH];
        memset(mask, 9, sizeof mask);
        cr_expect_eq(data_rle_decode(folder_log, "train.csv:17", wrong[i].text, HEIGHT, WIDTH, mask), NEPHOS_ERROR_DATA, "%s",
                     wrong[i].text);
        const char *message = nephos_last_error(folder_log);
        cr_expect_not_null(strstr(message, "train.csv:17: "), "%s", message);
        for (int part = 0; part < 3; part++) cr_expect_not_null(strstr(message, wrong[i].says[part]), "%s: %s", wrong[i].text, message);
        for (size_t p = 0; p < sizeof mask; p++) cr_expect_eq(mask[p], 9, "%s changed the mask", wrong[i].text);
    }
}

// What a damaged text may do is fail, or be another valid text, one whose own encoding has the same pixels.
static void decode_damaged(const char *text, uint8_t *mask, uint8_t *back)
{
    if (nephos_rle_decode(folder_log, text, HEIGHT, WIDTH, mask) != NEPHOS_OK) return;
    char *again = data_rle_encode(mask, HEIGHT, WIDTH);
    cr_assert_eq(nephos_rle_decode(folder_log, again, HEIGHT, WIDTH, back), NEPHOS_OK, "%s", again);
    cr_assert_arr_eq(mask, back, HEIGHT * WIDTH, "%s", text);
    free(again);
}

Test(rle, damaged_texts_fail_or_stay_inside_the_mask)
{
    static const char good[] = "1 2 4 1 6 3 10 3";
    uint8_t *mask = malloc(HEIGHT * WIDTH), *back = malloc(HEIGHT * WIDTH); // of exact size, for the sanitizers
    struct base_rng rng;
    base_rng_init(&rng, 1, BASE_RNG_TEST, 0);
    for (size_t length = 0; length < sizeof good; length++) {
        for (int round = 0; round < 500; round++) {
            char *text = malloc(length + 1);
            memcpy(text, good, length);
            text[length] = '\0';
            for (uint32_t flips = base_rng_below(&rng, 4); length && flips > 0; flips--)
                text[base_rng_below(&rng, (uint32_t)length)] ^= (char)(1 << base_rng_below(&rng, 8));
            decode_damaged(text, mask, back);
            free(text);
        }
    }
    free(mask);
    free(back);
}

Test(rle, calls_without_a_size_or_place_are_refused)
{
    uint8_t mask[1];
    char *text;
    cr_expect_eq(nephos_rle_decode(folder_log, "", 0, 1, mask), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(nephos_rle_decode(folder_log, NULL, 1, 1, mask), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(nephos_rle_encode(folder_log, mask, 1, 0, &text), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(nephos_rle_encode(folder_log, mask, 1, 1, NULL), NEPHOS_ERROR_ARGUMENT);
}
