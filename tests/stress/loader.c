// SPDX-License-Identifier: MIT
// Opens, reads and closes loaders at many points with many threads. A plain program, because the thread sanitizer does not run
// under Criterion: configure with -DNEPHOS_SANITIZE=thread.
#include "base/file.h"
#include "common/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 12, SIDE = 16 };

static int failures;

static void print(void *user, enum nephos_log_level level, const char *message)
{
    (void)user;
    if (level == NEPHOS_LOG_ERROR) fprintf(stderr, "%s\n", message);
}

// Takes `taken` batches and closes; the sum of all words tells whether the content was right.
static uint64_t run(const struct data_set *set, const uint32_t *order, uint32_t threads, uint32_t taken)
{
    struct data_loader_params params = {.set = set, .order = order, .order_count = 2 * COUNT, .batch = 3, .height = SIDE, .width = SIDE,
                                        .threads = threads, .prefetch = 2, .labels = true};
    struct data_loader *loader = NULL;
    struct data_batch *batch = NULL;
    uint64_t sum = 0;
    if (data_loader_open(set->log, &params, &loader) != NEPHOS_OK) exit(1);
    for (uint32_t i = 0; i < taken; i++) {
        if (data_loader_next(loader, &batch) != NEPHOS_OK || !batch) exit(1);
        for (uint32_t k = 0; k < 3 * SIDE * SIDE; k++) sum = sum * 31 + batch->pixels[k];
        data_loader_release(loader, batch);
        if (data_loader_wait_seconds(loader) < 0) failures++;
    }
    data_loader_close(&loader);
    return sum;
}

int main(void)
{
    char folder[] = "/tmp/nephos-stress-XXXXXX";
    struct nephos_log *log = NULL;
    uint32_t order[2 * COUNT];
    uint64_t sums[9];
    if (!mkdtemp(folder) || nephos_log_create(print, NULL, NEPHOS_LOG_ERROR, &log) != NEPHOS_OK) return 1;
    struct data_set *set = pictures_create(log, folder, COUNT);
    for (uint32_t i = 0; i < 2 * COUNT; i++) order[i] = i * 5 % COUNT;
    for (uint32_t taken = 0; taken <= 8; taken++) sums[taken] = run(set, order, 1, taken);
    for (uint32_t round = 0; round < 20; round++)
        for (uint32_t taken = 0; taken <= 8; taken++)
            if (run(set, order, 2 + round % 7, taken) != sums[taken]) failures++;
    for (uint32_t i = 0; i < COUNT; i++) {
        unlink(set->samples[i].path);
        unlink(set->samples[i].mask_path);
    }
    rmdir(folder);
    pictures_free(set);
    nephos_log_destroy(&log);
    printf("%d failures\n", failures);
    return failures != 0;
}
