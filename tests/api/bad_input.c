// SPDX-License-Identifier: MIT
// Bad input is refused with its file and place, before a run directory is made where that can be known, and costs no finished epoch.
#include "api/api.h"

#include "data/data.h"

#include <unistd.h>

TestSuite(bad_input, .init = api_setup, .fini = api_teardown, .timeout = 600);

static struct data_set *open_clouds(void)
{
    struct data_set *set = NULL;
    API_EXPECT(NEPHOS_OK, data_set_open(api_log(), folder_file("clouds"), &set));
    return set;
}

// Path and name of one image that is trained on.
static void training_image(char path[256], char name[64])
{
    struct data_set *set = open_clouds();
    uint32_t i = 0;
    while (i < set->sample_count && set->samples[i].split != DATA_TRAIN) i++;
    cr_assert_lt(i, set->sample_count);
    snprintf(path, 256, "%s", set->samples[i].path);
    snprintf(name, 64, "%s", set->samples[i].name);
    data_set_close(&set);
}

static void cut_file(const char *path, size_t keep)
{
    size_t size;
    uint8_t *bytes = folder_read(path, &size);
    cr_assert_lt(keep, size);
    folder_write(path, bytes, keep);
    free(bytes);
}

static bool run_exists(void)
{
    return access(folder_file("run"), F_OK) == 0;
}

Test(bad_input, a_missing_image_is_named_before_anything_starts)
{
    char path[256], name[64];
    api_synth("clouds", 12, 32, 48);
    training_image(path, name);
    unlink(path);
    const enum nephos_status status = api_train("run", "");
    cr_assert(status == NEPHOS_ERROR_DATA || status == NEPHOS_ERROR_FILE, "%s", nephos_status_name(status));
    api_expect_error(name);
    cr_assert_not(run_exists());
}

Test(bad_input, a_truncated_image_stops_the_training_and_keeps_the_checkpoint)
{
    char path[256], name[64];
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=1 examples=0"));
    training_image(path, name);
    cut_file(path, 300);
    size_t before_size, after_size;
    uint8_t *before = folder_read(api_path("run", "last.safetensors"), &before_size);
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "epochs=2 examples=0 resume=true"));
    api_expect_error(name);
    uint8_t *after = folder_read(api_path("run", "last.safetensors"), &after_size);
    cr_assert(before_size == after_size && memcmp(before, after, after_size) == 0);
    cr_assert_eq(api_history_rows("run"), 1);
    free(before);
    free(after);
}

Test(bad_input, an_image_of_another_size_than_its_codes_is_named)
{
    char path[256], name[64];
    static uint8_t small[3 * 8 * 8];
    api_synth("clouds", 12, 32, 48);
    struct data_set *set = open_clouds();
    uint32_t i = 0;
    for (bool marked = false; !marked; i += !marked) {
        const struct data_sample *sample = &set->samples[i];
        for (uint32_t c = 0; c < set->class_count; c++) marked = marked || (sample->rle[c][0] && sample->split == DATA_TRAIN);
    }
    snprintf(path, sizeof path, "%s", set->samples[i].path);
    snprintf(name, sizeof name, "%s", set->samples[i].name);
    data_set_close(&set);
    API_EXPECT(NEPHOS_OK, data_png_write(api_log(), path, small, 8, 8, 3));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "examples=0"));
    api_expect_error(name);
    api_expect_error("train.csv:");
}

// Replaces the codes of the first row of train.csv that belongs to a training image.
static void spoil_codes(const char *codes, char line_text[32])
{
    char path[256], name[64];
    training_image(path, name);
    size_t size, line = 1;
    char *text = (char *)folder_read(folder_file("clouds/train.csv"), &size);
    text[size] = '\0';
    FILE *out = fopen(folder_file("clouds/train.csv"), "w");
    bool done = false;
    for (char *rest = text, *row; (row = strsep(&rest, "\n")) && (*row || rest); line++) {
        char *comma = strchr(row, ',');
        const bool hit = !done && comma && strncmp(row, name, strlen(name)) == 0;
        if (hit) {
            fprintf(out, "%.*s,%s\n", (int)(comma - row), row, codes);
            snprintf(line_text, 32, "train.csv:%zu", line);
            done = true;
        } else {
            fprintf(out, "%s\n", row);
        }
    }
    fclose(out);
    free(text);
    cr_assert(done);
}

static void expect_codes_refused(const char *codes)
{
    char line[32];
    api_synth("clouds", 12, 32, 48);
    spoil_codes(codes, line);
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "examples=0"));
    api_expect_error(line);
}

Test(bad_input, codes_out_of_range_name_their_line) { expect_codes_refused("1530 20"); }
Test(bad_input, overlapping_codes_name_their_line) { expect_codes_refused("10 20 15 5"); }
Test(bad_input, unsorted_codes_name_their_line) { expect_codes_refused("100 5 10 5"); }
Test(bad_input, an_odd_count_of_numbers_names_its_line) { expect_codes_refused("10 20 30"); }
Test(bad_input, codes_that_are_no_numbers_name_their_line) { expect_codes_refused("10 2x"); }
Test(bad_input, a_start_of_zero_names_its_line) { expect_codes_refused("0 5"); }

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

Test(bad_input, a_malformed_row_and_an_unknown_class_are_named)
{
    char row[160], path[256], name[64];
    api_synth("clouds", 12, 32, 48);
    training_image(path, name);
    snprintf(row, sizeof row, "%s_Elephant,1 5\n", name);
    append(folder_file("clouds/train.csv"), row);
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", ""));
    api_expect_error("Elephant");
    api_expect_error("train.csv:");

    api_synth("other", 12, 32, 48);
    append(folder_file("other/train.csv"), "\"never closed\n");
    snprintf(row, sizeof row, "data=%s", folder_file("other"));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", row));
    api_expect_error("train.csv:");
    cr_assert_not(run_exists());
}

Test(bad_input, an_empty_or_missing_data_set_is_named)
{
    api_synth("clouds", 12, 32, 48);
    folder_write(folder_file("clouds/train.csv"), "Image_Label,EncodedPixels\n", 26);
    cr_assert_lt(api_train("run", ""), 0);
    api_expect_error("clouds");
    cr_assert_lt(api_train("run", "data=/nonexistent/clouds"), 0);
    api_expect_error("/nonexistent/clouds");
    cr_assert_not(run_exists());
}

// --- model files ------------------------------------------------------------------------------------------------------

static void expect_model_refused(const void *bytes, size_t size)
{
    char init[256];
    struct nephos_model *model = NULL;
    folder_write(folder_file("bad.safetensors"), bytes, size);
    API_EXPECT(NEPHOS_ERROR_DATA, nephos_model_load(api_device, folder_file("bad.safetensors"), &model));
    api_expect_error("bad.safetensors");
    cr_assert_null(model);
    snprintf(init, sizeof init, "init=%s", folder_file("bad.safetensors"));
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("fresh", init));
    api_expect_error("bad.safetensors");
    cr_assert_neq(access(folder_file("fresh"), F_OK), 0);
    folder_write(api_path("run", "last.safetensors"), bytes, size);
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("run", "resume=true epochs=2"));
    api_expect_error("run/last.safetensors");
}

Test(bad_input, damaged_model_files_are_refused_everywhere)
{
    static const uint8_t bomb[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, '{'};
    static const uint8_t nothing[8] = {2, 0, 0, 0, 0, 0, 0, 0};
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0"));
    size_t size;
    uint8_t *whole = folder_read(api_path("run", "best.safetensors"), &size);
    expect_model_refused(bomb, sizeof bomb);
    expect_model_refused(nothing, sizeof nothing);
    expect_model_refused("", 0);
    expect_model_refused(whole, size / 2);
    memset(whole + 20, '#', 5);
    expect_model_refused(whole, size);
    free(whole);
}

// Every value that the checkpoint keeps beside its tensors is checked: none of these may be taken, none may crash.
Test(bad_input, a_checkpoint_that_contradicts_itself_is_refused)
{
    static const char *const changes[][2] = {
        {"\"train.steps\":\"2\"", "\"train.steps\":\"3\""},   {"\"train.epoch\":\"1\"", "\"train.epoch\":\"9\""},
        {"\"train.epoch\":\"1\"", "\"train.epoch\":\"-\""},   {"\"train.seed\":\"0\"", "\"train.seed\":\"x\""},
        {"\"train.best_epoch\"", "\"train.BEST_epoch\""},     {"\"encoder_width\":\"4\"", "\"encoder_width\":\"5\""},
        {"\"activation\":\"sigmoid\"", "\"activation\":\"softmax\""}, {"\"height\":\"32\"", "\"height\":\"33\""},
    };
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0"));
    size_t size;
    uint8_t *bytes = folder_read(api_path("run", "last.safetensors"), &size);
    char steps[16];
    api_metadata(api_path("run", "last.safetensors"), "train.steps", steps, sizeof steps);
    cr_assert_str_eq(steps, "2");
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        const size_t length = strlen(changes[i][0]);
        cr_assert_eq(strlen(changes[i][1]), length);
        uint8_t *at = memmem(bytes, size, changes[i][0], length);
        cr_assert_not_null(at, "no %s", changes[i][0]);
        memcpy(at, changes[i][1], length);
        folder_write(api_path("run", "last.safetensors"), bytes, size);
        memcpy(at, changes[i][0], length);
        const enum nephos_status status = api_train("run", "resume=true epochs=2 examples=0");
        cr_assert_eq(status, NEPHOS_ERROR_DATA, "%s: %s", changes[i][1], nephos_status_name(status));
        api_expect_error("last.safetensors");
    }
    folder_write(api_path("run", "last.safetensors"), bytes, size);
    free(bytes);
    API_EXPECT(NEPHOS_OK, api_train("run", "resume=true epochs=2 examples=0"));
}
