// SPDX-License-Identifier: MIT
#include "base/file.h"
#include "common/folder.h"
#include "common/pictures.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { COUNT = 23, HEIGHT = 16, WIDTH = 24 };

static struct data_set *set;
static uint32_t order[COUNT];

static void setup(void)
{
    folder_setup();
    set = pictures_create(folder_log, folder_file("."), COUNT);
    for (uint32_t i = 0; i < COUNT; i++) order[i] = i * 7 % COUNT;
}

static void teardown(void)
{
    pictures_free(set);
    folder_teardown();
}

TestSuite(loader, .init = setup, .fini = teardown);

static struct data_loader *open_loader(uint32_t batch, uint32_t threads, uint32_t prefetch)
{
    struct data_loader_params params = {.set = set, .order = order, .order_count = COUNT, .batch = batch, .height = HEIGHT, .width = WIDTH,
                                        .threads = threads, .prefetch = prefetch, .labels = true};
    struct data_loader *loader = NULL;
    cr_assert_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    return loader;
}

static struct data_batch *next(struct data_loader *loader)
{
    struct data_batch *batch = NULL;
    cr_assert_eq(data_loader_next(loader, &batch), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    return batch;
}

// What the loader should deliver for one sample, by the plain calls.
static void expected(uint32_t sample, uint32_t *words)
{
    struct data_image image;
    uint8_t colours[HEIGHT * WIDTH * 3], small[HEIGHT * WIDTH], *labels;
    cr_assert_eq(data_image_read(folder_log, set->samples[sample].path, HEIGHT, WIDTH, &image), NEPHOS_OK);
    labels = malloc((size_t)image.full_height * image.full_width);
    cr_assert_eq(data_set_labels(set, sample, image.full_height, image.full_width, labels), NEPHOS_OK);
    data_resize(image.pixels, image.height, image.width, image.channels, colours, HEIGHT, WIDTH);
    data_resize_nearest(labels, image.full_height, image.full_width, small, HEIGHT, WIDTH);
    for (uint32_t i = 0; i < HEIGHT * WIDTH; i++) {
        uint32_t n = image.channels, red = colours[i * n], green = colours[i * n + n / 2], blue = colours[i * n + n - 1];
        words[i] = red | green << 8 | blue << 16 | (uint32_t)small[i] << 24;
    }
    free(labels);
    data_image_free(&image);
}

Test(loader, batches_hold_the_samples_in_the_order_asked_for)
{
    struct data_loader *loader = open_loader(5, 3, 2);
    uint32_t position = 0, words[HEIGHT * WIDTH];
    for (struct data_batch *batch; (batch = next(loader)); data_loader_release(loader, batch)) {
        cr_expect_eq(batch->count, COUNT - position < 5 ? COUNT - position : 5);
        for (uint32_t i = 0; i < 5; i++) {
            uint32_t sample = order[i < batch->count ? position + i : COUNT - 1];
            cr_assert_eq(batch->samples[i], sample, "position %u", position + i);
            cr_expect(batch->full_height[i] == pictures_height(sample) && batch->full_width[i] == pictures_width(sample));
            expected(sample, words);
            cr_assert_arr_eq(batch->pixels + i * HEIGHT * WIDTH, words, sizeof words, "position %u", position + i);
        }
        position += batch->count;
    }
    cr_expect_eq(position, COUNT);
    cr_expect_null(next(loader)); // stays at the end
    data_loader_close(&loader);
    cr_expect_null(loader);
}

static uint32_t *all_words(uint32_t threads)
{
    uint32_t *words = calloc((COUNT + 4) * HEIGHT * WIDTH, sizeof *words), position = 0;
    struct data_loader *loader = open_loader(4, threads, 3);
    for (struct data_batch *batch; (batch = next(loader)); data_loader_release(loader, batch)) {
        memcpy(words + (size_t)position * HEIGHT * WIDTH, batch->pixels, sizeof *words * 4 * HEIGHT * WIDTH);
        position += 4;
    }
    data_loader_close(&loader);
    return words;
}

Test(loader, one_and_four_threads_give_the_same_bytes)
{
    uint32_t *one = all_words(1), *four = all_words(4);
    cr_expect_arr_eq(one, four, (COUNT + 1) * HEIGHT * WIDTH * sizeof *one); // the last batch is filled up
    free(one);
    free(four);
}

Test(loader, without_labels_the_top_byte_is_zero)
{
    struct data_loader_params params = {.set = set, .order = order, .order_count = 1, .batch = 1, .height = HEIGHT, .width = WIDTH};
    struct data_loader *loader = NULL;
    cr_assert_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_OK);
    struct data_batch *batch = next(loader);
    for (uint32_t i = 0; i < HEIGHT * WIDTH; i++) cr_assert_eq(batch->pixels[i] >> 24, 0);
    data_loader_release(loader, batch);
    data_loader_close(&loader);
}

Test(loader, batches_may_be_held_and_released_in_any_order)
{
    struct data_loader *loader = open_loader(2, 2, 3);
    struct data_batch *first = next(loader), *second = next(loader), *third = next(loader), *none;
    cr_expect_eq(data_loader_next(loader, &none), NEPHOS_ERROR_ARGUMENT);
    cr_expect_null(none);
    data_loader_release(loader, second);
    data_loader_release(loader, third);
    cr_expect(first->samples[0] == order[0] && first->samples[1] == order[1]);
    data_loader_release(loader, first);
    struct data_batch *fourth = next(loader);
    cr_expect_eq(fourth->samples[0], order[6]);
    data_loader_release(loader, fourth);
    data_loader_close(&loader);
}

Test(loader, a_slow_consumer_stops_the_workers)
{
    struct data_loader *loader = open_loader(2, 4, 2);
    struct data_batch *held = next(loader);
    usleep(200000); // long enough to read all images many times
    // Batch 2 would need the slot of batch 0; its images must not have been opened yet.
    for (uint32_t i = 4; i < COUNT; i++) cr_assert_eq(unlink(set->samples[order[i]].path), 0);
    data_loader_release(loader, held);
    held = next(loader);
    cr_expect_eq(held->samples[0], order[2]);
    data_loader_release(loader, held);
    cr_expect_eq(data_loader_next(loader, &held), NEPHOS_ERROR_FILE);
    cr_expect(strstr(nephos_last_error(folder_log), set->samples[order[4]].path), "%s", nephos_last_error(folder_log));
    data_loader_close(&loader);
}

Test(loader, error_of_a_sample_arrives_when_its_batch_is_due)
{
    folder_write(set->samples[order[9]].path, "not a picture", 13);
    folder_write(set->samples[order[11]].path, "", 0);
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        struct data_loader *loader = open_loader(4, threads, 4);
        for (int i = 0; i < 2; i++) {
            struct data_batch *batch = next(loader);
            usleep(20000); // the workers meet the error meanwhile
            cr_expect_str_eq(nephos_last_error(folder_log), threads == 1 ? "" : nephos_last_error(folder_log));
            data_loader_release(loader, batch);
        }
        for (int i = 0; i < 2; i++) { // it stays failed
            struct data_batch *batch;
            cr_expect_eq(data_loader_next(loader, &batch), NEPHOS_ERROR_DATA);
            cr_expect_null(batch);
            cr_expect(strstr(nephos_last_error(folder_log), set->samples[order[9]].path), "%s", nephos_last_error(folder_log));
        }
        data_loader_close(&loader);
    }
}

Test(loader, error_in_labels_is_delivered_too)
{
    folder_write(set->samples[order[1]].mask_path, "?", 1);
    struct data_loader *loader = open_loader(2, 2, 2);
    struct data_batch *batch;
    cr_expect_eq(data_loader_next(loader, &batch), NEPHOS_ERROR_DATA);
    cr_expect(strstr(nephos_last_error(folder_log), set->samples[order[1]].mask_path), "%s", nephos_last_error(folder_log));
    data_loader_close(&loader);
}

Test(loader, closes_at_any_time)
{
    for (uint32_t taken = 0; taken < 6; taken++)
        for (uint32_t threads = 1; threads <= 8; threads *= 2) {
            struct data_loader *loader = open_loader(4, threads, 2);
            for (uint32_t i = 0; i < taken; i++) {
                struct data_batch *batch = next(loader);
                if (i + 1 < taken) data_loader_release(loader, batch); // the last one is still held
            }
            data_loader_close(&loader);
            cr_expect_null(loader);
        }
    data_loader_close(&(struct data_loader *){NULL});
}

Test(loader, waiting_is_counted)
{
    struct data_loader *loader = open_loader(8, 1, 2);
    cr_expect_eq(data_loader_wait_seconds(loader), 0);
    struct data_batch *batch = next(loader);
    double first = data_loader_wait_seconds(loader);
    cr_expect_gt(first, 0); // one thread can't have read eight images by then
    usleep(200000);
    data_loader_release(loader, batch);
    data_loader_release(loader, next(loader));
    cr_expect_lt(data_loader_wait_seconds(loader) - first, 0.1); // it was ready
    data_loader_close(&loader);
}

Test(loader, bad_parameters_and_an_empty_order)
{
    struct data_loader *loader = NULL;
    struct data_batch *batch;
    struct data_loader_params params = {.set = set, .order = order, .order_count = COUNT, .batch = 0, .height = 4, .width = 4};
    cr_expect_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_ERROR_ARGUMENT);
    params.batch = UINT32_MAX, params.height = UINT32_MAX, params.width = UINT32_MAX;
    cr_expect_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_ERROR_ARGUMENT);
    params.batch = params.height = params.width = 4;
    uint32_t wrong[] = {0, COUNT};
    params.order = wrong, params.order_count = 2;
    cr_expect_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_ERROR_ARGUMENT);
    cr_expect(strstr(nephos_last_error(folder_log), "order[1]"), "%s", nephos_last_error(folder_log));
    cr_expect_null(loader);
    params.order_count = 0;
    cr_assert_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_OK);
    cr_expect_eq(data_loader_next(loader, &batch), NEPHOS_OK);
    cr_expect_null(batch);
    data_loader_close(&loader);
}

#ifdef NEPHOS_REFERENCE_DIR
static long peak_memory(void) // KiB
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

Test(loader, memory_does_not_grow_with_the_number_of_images)
{
    const char *root = NEPHOS_REFERENCE_DIR "/data/kaggle-clouds";
    if (!base_dir_exists(root)) cr_skip_test("%s is not there", root);
#if defined(__SANITIZE_ADDRESS__)
    cr_skip_test("the address sanitizer keeps freed memory");
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    cr_skip_test("the address sanitizer keeps freed memory");
#endif
#endif
    struct data_set *clouds = NULL;
    struct data_loader *loader = NULL;
    uint32_t all[1024];
    cr_assert_eq(data_set_open(folder_log, root, &clouds), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    for (uint32_t i = 0; i < clouds->sample_count; i++) all[i] = i;
    struct data_loader_params params = {.set = clouds, .order = all, .order_count = clouds->sample_count, .batch = 4, .height = 128,
                                        .width = 192, .threads = 2, .labels = true};
    cr_assert_eq(data_loader_open(folder_log, &params, &loader), NEPHOS_OK);
    long settled = 0;
    uint32_t count = 0;
    for (struct data_batch *batch; (batch = next(loader)); data_loader_release(loader, batch), count++)
        if (count == 20) settled = peak_memory();
    cr_expect_eq(count, (clouds->sample_count + 3) / 4);
    cr_expect_lt(peak_memory() - settled, 2048, "%ld KiB after 80 images, %ld after %u", settled, peak_memory(), clouds->sample_count);
    data_loader_close(&loader);
    data_set_close(&clouds);
}
#endif
