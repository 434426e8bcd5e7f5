// SPDX-License-Identifier: MIT
// An epoch in numbers.
#include "train/run.h"
#include "train/schedule.h"

struct history_row run_row(const struct run *run, uint32_t epoch)
{
    const struct train_state *s = &run->state;
    const double images = (double)run->steps_per_epoch * run->settings.batch;
    const struct ranking_areas areas = ranking_mean(&run->ranking);
    return (struct history_row){
        .epoch = epoch,
        .train_loss = s->loss_sum / run->steps_per_epoch,
        .train_dice = tally_dice(&s->tally),
        .train_iou = tally_mean_iou(&s->tally),
        .train_accuracy = tally_accuracy(&s->tally),
        .val_loss = run->val_loss_sum / run->val_count,
        .val_dice = tally_dice(&run->val_tally),
        .val_iou = tally_mean_iou(&run->val_tally),
        .val_accuracy = tally_accuracy(&run->val_tally),
        .val_pr_auc = areas.pr,
        .val_roc_auc = areas.roc,
        .lr = (double)schedule_lr(&run->settings, s->steps - 1, run->steps_per_epoch),
        .seconds = s->seconds,
        .images_per_second = s->seconds > 0 ? images / s->seconds : 0,
        .wait_share = s->seconds > 0 ? s->wait_seconds / s->seconds : 0,
    };
}
