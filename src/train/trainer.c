// SPDX-License-Identifier: MIT
// The loop over epochs: train, validate, keep what is best, write what was learned, stop when nothing gets better.
#include "train/trainer.h"

#include "train/keep.h"
#include "train/monitor.h"

#include <math.h>
#include <stdlib.h>

static bool report_epoch(const struct run *run, const struct history_row *row, bool best)
{
    if (!run->progress) return true;
    const struct nephos_progress progress = {
        .phase = NEPHOS_PHASE_VALIDATE,
        .epoch = row->epoch,
        .epoch_count = run->settings.epochs,
        .done = run->val_count,
        .total = run->val_count,
        .seconds = row->seconds,
        .loss = row->val_loss,
        .lr = row->lr,
        .epoch_end = true,
        .train_loss = row->train_loss,
        .train_dice = row->train_dice,
        .train_iou = row->train_iou,
        .train_accuracy = row->train_accuracy,
        .val_loss = row->val_loss,
        .val_dice = row->val_dice,
        .val_iou = row->val_iou,
        .val_accuracy = row->val_accuracy,
        .val_pr_auc = row->val_pr_auc,
        .val_roc_auc = row->val_roc_auc,
        .images_per_second = row->images_per_second,
        .wait_share = row->wait_share,
        .best = best,
    };
    return run->progress(run->user, &progress);
}

// Counts the epoch as done and starts the sums of the next one.
static void close_epoch(struct run *run)
{
    struct train_state *s = &run->state;
    s->epoch++;
    s->step_in_epoch = 0;
    s->loss_sum = s->seconds = s->wait_seconds = 0;
    s->rollbacks = 0;
    tally_reset(&s->tally);
}

static void follow_plateau(struct run *run, double value)
{
    const struct train_settings *settings = &run->settings;
    if (settings->schedule != TRAIN_PLATEAU || !plateau_judge(&run->state.plateau, settings, value)) return;
    run->state.lr_scale = plateau_lower(settings, (double)settings->lr) / (double)run->lr;
    run_scale_lr(run);
    base_info(run->log, "the %s is on a plateau: the learning rate is now %g", monitor_name(settings->monitor), (double)settings->lr);
}

// Takes the epoch's value down; whether it is the best so far.
static bool judge_epoch(struct run *run, const struct history_row *row)
{
    struct train_state *s = &run->state;
    const double value = monitor_value(s->monitor, row);
    follow_plateau(run, value);
    if (!s->patient_epoch || monitor_is_better(s->monitor, value, s->patient_value, (double)run->settings.min_delta)) {
        s->patient_value = value;
        s->patient_epoch = row->epoch;
    }
    if (s->best_epoch && !monitor_is_better(s->monitor, value, s->best_value, 0)) return false;
    s->best_value = value;
    s->best_epoch = run->history.best_epoch = row->epoch;
    return true;
}

static enum nephos_status finish_epoch(struct run *run)
{
    enum nephos_status status;
    const struct history_row row = run_row(run, run->state.epoch + 1);
    const bool best = judge_epoch(run, &row);
    char *path = run_path(run, "history.csv");
    if (!path) return NEPHOS_ERROR_MEMORY;
    if (best) TRY(run_save_best(run));
    TRY(history_append(run->log, path, &run->history, &row));
    TRY(keep_epoch(run));
    rows_add_classes(&run->rows, row.epoch, (const char *const *)run->meta.classes, &run->ranking);
    close_epoch(run);
    TRY(run_save_last(run));
    run_forget_start(run);
    TRY(keep_tidy(run));
    TRY(run_events_row(run, &row));
    TRY(run_report(run, REPORT_GOES_ON));
    if (!report_epoch(run, &row, best)) status = NEPHOS_INTERRUPTED;
fail:
    free(path);
    return status;
}

static bool is_done(const struct run *run)
{
    const struct train_state *s = &run->state;
    const bool patient = run->settings.patience == 0 || s->epoch - s->patient_epoch < run->settings.patience;
    return s->epoch >= run->settings.epochs || !patient;
}

static enum nephos_status try_epoch(struct run *run)
{
    enum nephos_status status;
    TRY(run_train_epoch(run));
    TRY(run_validate(run, run->state.epoch + 1));
    // A checkpoint of such weights would be no way back.
    if (!isfinite(run->val_loss_sum)) status = run_diverged(run, run->val_loss_sum / run->val_count, NAN);
fail:
    return status;
}

static enum nephos_status train(struct run *run)
{
    enum nephos_status status = NEPHOS_OK;
    if (!run->settings.resume) TRY(run_save_last(run)); // so that from now on there is always something to resume from
    while (!is_done(run)) {
        status = try_epoch(run);
        if (status == NEPHOS_ERROR_DIVERGED) {
            TRY(run_roll_back(run));
            continue;
        }
        if (status != NEPHOS_OK) goto fail;
        TRY(finish_epoch(run));
    }
    if (run->state.epoch < run->settings.epochs)
        base_info(run->log, "stopped early: no better %s since epoch %u", monitor_name(run->state.monitor), run->state.patient_epoch);
    status = keep_average(run);
    return status == NEPHOS_OK ? run_report(run, REPORT_ENDED) : status;
fail:
    // What was learned in the epoch so far is kept, unless the device or the numbers broke down; the way there is of use even then.
    if (status == NEPHOS_INTERRUPTED || status == NEPHOS_ERROR_DIVERGED) {
        enum nephos_status saved = status == NEPHOS_INTERRUPTED ? run_save_interrupted(run) : run_save_rows(run);
        if (saved == NEPHOS_OK && run->history.count) saved = run_report(run, REPORT_STOPPED);
        if (saved != NEPHOS_OK) return saved;
    }
    return status;
}

enum nephos_status trainer_run(struct gpu *gpu, const struct nephos_config *config, nephos_progress_fn progress, void *user,
                               struct tally *scored)
{
    struct run run = {.gpu = gpu, .log = gpu_log(gpu), .config = config, .progress = progress, .user = user};
    enum nephos_status status = run_setup(&run);
    if (status == NEPHOS_OK) status = train(&run);
    if (status == NEPHOS_OK && scored) {
        *scored = run.val_tally; // of the best model, for the report
        run.val_tally = (struct tally){0};
    }
    run_free(&run);
    return status;
}
