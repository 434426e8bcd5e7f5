// SPDX-License-Identifier: MIT
#include "train/keep.h"

#include "base/file.h"
#include "report/text.h"
#include "train/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME_SIZE 48

enum nephos_status keep_check(const struct run *run)
{
    const struct train_settings *s = &run->settings;
    if (!s->average_best || s->keep_best >= 2) return NEPHOS_OK;
    return base_fail(run->log, NEPHOS_ERROR_ARGUMENT,
                     "--average-best needs at least two epochs to average; keep them with --keep-best 2 or more");
}

// Epochs that are better than that of a row; of equals the earlier one is.
static uint32_t rank_of(const struct run *run, uint32_t row)
{
    const struct history *history = &run->history;
    const double value = monitor_value(run->state.monitor, &history->rows[row]);
    uint32_t better = 0;
    for (uint32_t i = 0; i < history->count; i++) {
        const double other = monitor_value(run->state.monitor, &history->rows[i]);
        if (monitor_is_better(run->state.monitor, other, value, 0))
            better++;
        else if (i < row && !monitor_is_better(run->state.monitor, value, other, 0))
            better++;
    }
    return better;
}

static void file_name(char name[NAME_SIZE], uint32_t epoch)
{
    snprintf(name, NAME_SIZE, "kept-%u.safetensors", epoch);
}

enum nephos_status keep_epoch(const struct run *run)
{
    char name[NAME_SIZE];
    const uint32_t last = run->history.count - 1;
    if (rank_of(run, last) >= run->settings.keep_best) return NEPHOS_OK;
    file_name(name, run->history.rows[last].epoch);
    return run_save_model(run, name);
}

// Rows of the kept epochs, the best first; *count of them. malloc'ed, NULL: memory is out.
static uint32_t *kept_rows(const struct run *run, uint32_t *count)
{
    const uint32_t epochs = run->history.count;
    *count = epochs < run->settings.keep_best ? epochs : run->settings.keep_best;
    uint32_t *rows = calloc(*count + 1, sizeof *rows);
    for (uint32_t i = 0; rows && i < epochs; i++) {
        const uint32_t rank = rank_of(run, i);
        if (rank < *count) rows[rank] = i;
    }
    return rows;
}

static enum nephos_status write_list(const struct run *run, const uint32_t *rows, uint32_t count)
{
    struct text text = {0};
    char *path = run_path(run, "kept.csv");
    enum nephos_status status = path ? NEPHOS_OK : NEPHOS_ERROR_MEMORY;
    text_add(&text, "file,epoch,%s\n", monitor_name(run->state.monitor));
    for (uint32_t i = 0; i < count; i++) {
        const struct history_row *row = &run->history.rows[rows[i]];
        char name[NAME_SIZE];
        file_name(name, row->epoch);
        text_add(&text, "%s,%u,%.9g\n", name, row->epoch, monitor_value(run->state.monitor, row));
    }
    if (text.failed) status = base_fail(run->log, NEPHOS_ERROR_MEMORY, "kept.csv: out of memory");
    if (status == NEPHOS_OK) status = base_file_write(run->log, path, text.bytes, text.size);
    text_free(&text);
    free(path);
    return status;
}

static enum nephos_status remove_row(const struct run *run, uint32_t row)
{
    char name[NAME_SIZE];
    file_name(name, run->history.rows[row].epoch);
    char *path = run_path(run, name);
    if (!path) return NEPHOS_ERROR_MEMORY;
    unlink(path); // it may never have been there
    free(path);
    return NEPHOS_OK;
}

enum nephos_status keep_tidy(const struct run *run)
{
    uint32_t count;
    if (!run->settings.keep_best) return NEPHOS_OK;
    uint32_t *rows = kept_rows(run, &count);
    if (!rows) return base_fail(run->log, NEPHOS_ERROR_MEMORY, "kept.csv: out of memory");
    enum nephos_status status = write_list(run, rows, count);
    for (uint32_t i = 0; i < run->history.count && status == NEPHOS_OK; i++) {
        if (rank_of(run, i) == count) status = remove_row(run, i);
    }
    free(rows);
    return status;
}

// --- average ----------------------------------------------------------------------------------------------------------

// mean += (values of the store - mean) / number, for one chunk.
static enum nephos_status add_chunk(const struct run *run, const struct net_chunk *chunk, uint32_t number, float *values, float *mean)
{
    const struct gpu_range range = {chunk->values, 0, chunk->size};
    const enum nephos_status status = gpu_download(run->gpu, range, values);
    if (status != NEPHOS_OK) return status;
    for (uint64_t i = 0; i < chunk->size / sizeof *mean; i++)
        mean[i] += (values[i] - mean[i]) / (float)number;
    return NEPHOS_OK;
}

struct average {
    float **mean, *values; // [chunk]
};

static void average_free(const struct run *run, struct average *average)
{
    for (uint32_t c = 0; average->mean && c < run->kept->chunk_count; c++)
        free(average->mean[c]);
    free(average->mean);
    free(average->values);
}

static enum nephos_status average_create(const struct run *run, struct average *average)
{
    const struct net_store *store = run->kept;
    uint64_t most = 0;
    average->mean = calloc(store->chunk_count + 1, sizeof *average->mean);
    bool complete = average->mean != NULL;
    for (uint32_t c = 0; complete && c < store->chunk_count; c++) {
        average->mean[c] = calloc(1, store->chunks[c].size + 1);
        complete = average->mean[c] != NULL;
        if (store->chunks[c].size > most) most = store->chunks[c].size;
    }
    if (complete) average->values = malloc(most + 1);
    return complete && average->values ? NEPHOS_OK : base_fail(run->log, NEPHOS_ERROR_MEMORY, "average: out of memory");
}

static enum nephos_status add_file(struct run *run, struct average *average, uint32_t row, uint32_t number)
{
    char name[NAME_SIZE];
    file_name(name, run->history.rows[row].epoch);
    enum nephos_status status = run_load_model(run, name);
    for (uint32_t c = 0; c < run->kept->chunk_count && status == NEPHOS_OK; c++)
        status = add_chunk(run, &run->kept->chunks[c], number, average->values, average->mean[c]);
    return status;
}

static enum nephos_status put_average(struct run *run, const struct average *average)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t c = 0; c < run->kept->chunk_count && status == NEPHOS_OK; c++) {
        const struct net_chunk *chunk = &run->kept->chunks[c];
        status = gpu_upload(run->gpu, (struct gpu_range){chunk->values, 0, chunk->size}, average->mean[c]);
    }
    return status;
}

static enum nephos_status judge(struct run *run, uint32_t count)
{
    enum nephos_status status = run_validate(run, run->state.epoch);
    if (status != NEPHOS_OK) return status;
    const struct history_row row = run_row(run, run->state.epoch);
    base_info(
        run->log,
        "average.safetensors, the mean of %u epochs: validation Dice %.4f, loss %.4f; %s of the best epoch is %.6g, of the average %.6g",
        count, row.val_dice, row.val_loss, monitor_name(run->state.monitor), run->state.best_value,
        monitor_value(run->state.monitor, &row));
    return NEPHOS_OK;
}

enum nephos_status keep_average(struct run *run)
{
    enum nephos_status status;
    struct average average = {0};
    uint32_t count;
    if (!run->settings.average_best) return NEPHOS_OK;
    uint32_t *rows = kept_rows(run, &count);
    if (!rows) return base_fail(run->log, NEPHOS_ERROR_MEMORY, "average: out of memory");
    TRY(average_create(run, &average));
    for (uint32_t i = 0; i < count; i++)
        TRY(add_file(run, &average, rows[i], i + 1));
    TRY(put_average(run, &average));
    TRY(run_save_model(run, "average.safetensors"));
    TRY(judge(run, count));
fail:
    average_free(run, &average);
    free(rows);
    return status;
}
