// SPDX-License-Identifier: MIT
// The run directory. Every file is replaced whole. last.safetensors is written last of an epoch's files, so that what it says
// is never ahead of them.
#include "train/run.h"

#include "base/file.h"
#include "train/checkpoint.h"
#include "train/config.h"

#include <stdlib.h>
#include <unistd.h>

#define EPOCH_START "epoch-start.safetensors"

char *run_path(const struct run *run, const char *name)
{
    char *path = base_format("%s/%s", run->settings.out, name);
    if (!path) base_fail(run->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", run->settings.out);
    return path;
}

static enum nephos_status take_lock(struct run *run)
{
    if (run->lock) return NEPHOS_OK;
    char *path = run_path(run, "lock");
    const enum nephos_status status = path ? base_lock_take(run->log, path, run->settings.out, &run->lock) : NEPHOS_ERROR_MEMORY;
    free(path);
    return status;
}

static enum nephos_status check_new(const struct run *run)
{
    char *last = run_path(run, "last.safetensors");
    if (!last) return NEPHOS_ERROR_MEMORY;
    enum nephos_status status = NEPHOS_OK;
    if (!run->settings.resume && base_file_exists(last))
        status = base_fail(run->log, NEPHOS_ERROR_ARGUMENT, "%s holds a training run already; go on with --resume, or choose another --out",
                           run->settings.out);
    free(last);
    return status;
}

// A folder that is not there yet is made and locked once all inputs were found good.
enum nephos_status run_check_free(struct run *run)
{
    enum nephos_status status = NEPHOS_OK;
    if (base_dir_exists(run->settings.out)) TRY(take_lock(run));
    TRY(check_new(run));
fail:
    return status;
}

enum nephos_status run_describe(struct run *run)
{
    enum nephos_status status;
    char *config = run_path(run, "config.ini"), *split = run_path(run, "split.csv");
    if (!config || !split) {
        status = NEPHOS_ERROR_MEMORY;
        goto fail;
    }
    TRY(base_dir_create(run->log, run->settings.out));
    TRY(take_lock(run));
    TRY(check_new(run)); // another process may have been faster
    TRY(config_save(run->config, &run->settings, config));
    TRY(data_split_save(run->set, split));
fail:
    free(config);
    free(split);
    return status;
}

static enum nephos_status save(const struct run *run, const char *name, bool with_state)
{
    enum nephos_status status = NEPHOS_OK;
    char **pairs = NULL, *path = run_path(run, name);
    uint32_t count = 0;
    if (!path) return NEPHOS_ERROR_MEMORY;
    TRY(meta_write(run->log, &run->meta, &pairs, &count));
    if (with_state) TRY(train_state_append(run->log, &run->state, &pairs, &count));
    TRY(checkpoint_save(with_state ? run->store : run->kept, path, with_state, run->state.steps, pairs, count));
fail:
    meta_free_pairs(pairs, count);
    free(path);
    return status;
}

enum nephos_status run_save_rows(struct run *run)
{
    return rows_save(run->log, run->settings.out, &run->rows);
}

enum nephos_status run_save_last(struct run *run)
{
    enum nephos_status status = run_save_rows(run);
    if (status == NEPHOS_OK) status = save(run, "last.safetensors", true);
    if (status == NEPHOS_OK) run->saved_step = run->state.step_in_epoch;
    return status;
}

enum nephos_status run_save_interrupted(struct run *run)
{
    char *last = run_path(run, "last.safetensors"), *start = run_path(run, EPOCH_START);
    if (last && start && run->saved_step == 0 && run->state.step_in_epoch > 0 && !base_file_link(last, start))
        base_debug(run->log, "%s: no link to it; a rollback in this epoch will go back to where it was interrupted", last);
    const enum nephos_status status = last && start ? run_save_last(run) : NEPHOS_ERROR_MEMORY;
    free(last);
    free(start);
    return status;
}

void run_forget_start(const struct run *run)
{
    char *start = run_path(run, EPOCH_START);
    if (start) unlink(start);
    free(start);
}

enum nephos_status run_save_model(const struct run *run, const char *name)
{
    return save(run, name, false);
}

enum nephos_status run_save_best(const struct run *run)
{
    return run_save_model(run, "best.safetensors");
}

// Opens a model file and checks that it is of this run's model.
static enum nephos_status open_own(const struct run *run, const char *name, struct safetensors **file)
{
    struct meta meta;
    char *path = run_path(run, name);
    enum nephos_status status = path ? safetensors_open(run->log, path, file) : NEPHOS_ERROR_MEMORY;
    if (status == NEPHOS_OK) {
        status = meta_read(*file, &meta);
        if (status == NEPHOS_OK) status = meta_expect(run->log, path, &meta, &run->meta);
        meta_free(&meta);
        if (status != NEPHOS_OK) safetensors_close(file);
    }
    free(path);
    return status;
}

enum nephos_status run_load_model(struct run *run, const char *name)
{
    struct safetensors *file = NULL;
    enum nephos_status status = open_own(run, name, &file);
    if (status == NEPHOS_OK) status = checkpoint_load(run->kept, file, false);
    safetensors_close(&file);
    return status;
}

enum nephos_status run_load_best(struct run *run)
{
    return run_load_model(run, "best.safetensors");
}

// Rows behind the checkpoint's epoch belong to work that will be done again.
static enum nephos_status load_history(struct run *run)
{
    char *path = run_path(run, "history.csv");
    const enum nephos_status status = path ? history_load(run->log, path, run->state.epoch, &run->history) : NEPHOS_ERROR_MEMORY;
    free(path);
    return status;
}

// The place in the order of images, and with it every bit from here on, depends on how an epoch is cut into steps.
static enum nephos_status check_place(const struct run *run, const char *path)
{
    const struct train_state *s = &run->state;
    if (s->seed != run->settings.seed)
        return base_fail(run->log, NEPHOS_ERROR_ARGUMENT, "%s was trained with --seed %llu, not %llu", path, (unsigned long long)s->seed,
                         (unsigned long long)run->settings.seed);
    if (s->step_in_epoch <= run->steps_per_epoch && s->steps == (uint64_t)s->epoch * run->steps_per_epoch + s->step_in_epoch)
        return NEPHOS_OK;
    return base_fail(
        run->log, NEPHOS_ERROR_DATA,
        "%s stands at epoch %u, step %llu, which %u steps an epoch don't give: trained with another --batch or other images. A new run "
        "can start from these weights with --init",
        path, s->epoch, (unsigned long long)s->steps, run->steps_per_epoch);
}

static enum nephos_status load_state(struct run *run, const char *name)
{
    enum nephos_status status;
    struct safetensors *file = NULL;
    TRY(open_own(run, name, &file));
    TRY(train_state_read(file, &run->state));
    TRY(check_place(run, file->path));
    TRY(checkpoint_load(run->store, file, true));
fail:
    safetensors_close(&file);
    return status;
}

enum nephos_status run_resume(struct run *run)
{
    enum nephos_status status;
    TRY(load_state(run, "last.safetensors"));
    run->saved_step = run->state.step_in_epoch;
    run_scale_lr(run);
    TRY(load_history(run));
    run->history.best_epoch = run->state.best_epoch;
    TRY(rows_rewind(run->log, run->settings.out, run->state.steps, run->state.epoch, &run->rows));
    base_info(run->log, "going on after epoch %u, step %u", run->state.epoch, run->state.step_in_epoch);
fail:
    return status;
}

enum nephos_status run_reload(struct run *run)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t epoch = run->state.epoch;
    char *start = run_path(run, EPOCH_START);
    if (!start) return NEPHOS_ERROR_MEMORY;
    const bool interrupted = run->saved_step > 0 && base_file_exists(start);
    if (interrupted) TRY(load_state(run, EPOCH_START));
    if (!interrupted || run->state.epoch != epoch) TRY(load_state(run, "last.safetensors"));
    TRY(rows_rewind(run->log, run->settings.out, run->state.steps, run->state.epoch, &run->rows));
fail:
    free(start);
    return status;
}

enum nephos_status run_init(struct run *run)
{
    if (!run->settings.init) return NEPHOS_OK;
    struct safetensors *file = NULL;
    enum nephos_status status = safetensors_open(run->log, run->settings.init, &file);
    if (status == NEPHOS_OK) status = checkpoint_init(run->store, file);
    safetensors_close(&file);
    return status;
}
