// SPDX-License-Identifier: MIT
// The way back from a loss that is not finite. The checkpoint on disk stays as it is: whoever goes on from it after a crash meets the
// same loss and rolls back the same way, so no bit depends on when a run was interrupted.
#include "train/run.h"

static bool can_roll_back(const struct run *run)
{
    return run->state.rollbacks < run->settings.rollbacks;
}

enum nephos_status run_diverged(const struct run *run, double loss, double norm)
{
    const struct train_state *s = &run->state;
    if (can_roll_back(run)) {
        base_warn(run->log, "epoch %u, step %u: the loss is %g and the gradient's norm %g", s->epoch + 1, s->step_in_epoch + 1, loss, norm);
        return NEPHOS_ERROR_DIVERGED;
    }
    return base_fail(run->log, NEPHOS_ERROR_DIVERGED,
                     "epoch %u, step %u: the loss is %g and the gradient's norm %g, after %u rollbacks; use a smaller --lr or --clip-norm. "
                     "The last checkpoint is as it was",
                     s->epoch + 1, s->step_in_epoch + 1, loss, norm, s->rollbacks);
}

void run_scale_lr(struct run *run)
{
    run->settings.lr = (float)((double)run->lr * run->state.lr_scale);
}

enum nephos_status run_roll_back(struct run *run)
{
    if (!can_roll_back(run)) return NEPHOS_ERROR_DIVERGED;
    const uint32_t rollbacks = run->state.rollbacks + 1;
    const double scale = run->state.lr_scale * (double)run->settings.rollback_lr;
    const enum nephos_status status = run_reload(run);
    if (status != NEPHOS_OK) return status;
    run->state.rollbacks = rollbacks;
    run->state.lr_scale = scale;
    run_scale_lr(run);
    base_warn(run->log, "rolled back to the end of epoch %u (%u of %u); the learning rate is now %g", run->state.epoch, rollbacks,
              run->settings.rollbacks, (double)run->settings.lr);
    return NEPHOS_OK;
}
