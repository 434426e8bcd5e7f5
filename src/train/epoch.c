// SPDX-License-Identifier: MIT
// Passes over the training and the validation images.
#include "train/run.h"

#include "base/clock.h"
#include "base/rng.h"
#include "grad_norm.h"
#include "train/augment_draw.h"
#include "train/pass.h"
#include "train/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Everything that is decided per epoch and sample comes from (seed, epoch, sample) alone, so that neither thread timing nor an
// interruption changes it.
static uint32_t *shuffled(const struct run *run)
{
    uint32_t *order = malloc(run->train_count * sizeof *order);
    if (!order) return NULL;
    memcpy(order, run->train, run->train_count * sizeof *order);
    struct base_rng rng;
    base_rng_init(&rng, run->settings.seed, BASE_RNG_SHUFFLE, run->state.epoch);
    for (uint32_t i = run->train_count; i > 1; i--) {
        const uint32_t j = base_rng_below(&rng, i), other = order[j];
        order[j] = order[i - 1];
        order[i - 1] = other;
    }
    return order;
}

static void decide_changes(const struct run *run, const struct network *network, uint32_t slot, const uint32_t *samples)
{
    const struct augment_source source = {&run->settings.augment, run->settings.flip,  run->settings.seed,
                                          run->state.epoch,       run->meta.height, run->meta.width};
    if (network->records != OP_NONE) {
        augment_draw_batch(&source, samples, network->spec.batch, net_exec_input(network->exec, slot, network->records));
        return;
    }
    uint32_t *flags = net_exec_input(network->exec, slot, network->flags);
    for (uint32_t i = 0; i < network->spec.batch; i++) flags[i] = augment_flips(&source, samples[i]);
}

struct training {
    struct run *run;
    const struct pass *pass;
    uint64_t next_step;    // of the whole run
    uint32_t begun, ended; // images of the step being submitted, and of the one whose results come in
    double loss;           // of the latter, so far
    double started;
};

static void begin_step(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct training *training = user;
    struct run *run = training->run;
    const struct network *network = pass_network(training->pass, batch);
    decide_changes(run, network, slot, batch->samples);
    const struct op_attr *attr = &run->optimizer.attr;
    struct step_values *step = net_exec_step(network->exec, slot);
    *step = schedule_step(&run->settings, training->next_step, run->steps_per_epoch, attr->beta1, attr->beta2);
    step->first_image = training->begun;
    training->begun += network->spec.batch;
    if (training->begun < run->settings.batch) return;
    training->begun = 0;
    training->next_step++;
}

static bool report_step(const struct training *training, uint64_t done)
{
    const struct run *run = training->run;
    if (!run->progress) return true;
    return run->progress(run->user, &(struct nephos_progress){
                                        .phase = NEPHOS_PHASE_TRAIN,
                                        .epoch = run->state.epoch + 1,
                                        .epoch_count = run->settings.epochs,
                                        .done = done,
                                        .total = (uint64_t)run->steps_per_epoch * run->settings.batch,
                                        .seconds = base_clock() - training->started,
                                        .loss = run->state.loss_sum / run->state.step_in_epoch,
                                        .lr = schedule_lr(&run->settings, run->state.steps - 1, run->steps_per_epoch),
                                    });
}

// A scaled gradient may overflow: the optimizer has skipped the step then, and the next one has half the scale, while there is any.
static bool is_good(const float *norm)
{
    return norm[2] == 1 || norm[3] > (float)LOSS_SCALE_LEAST;
}

static void log_step(struct run *run, float loss, const float *norm)
{
    const uint32_t every = run->settings.log_every;
    if (!every || run->state.steps % every) return;
    rows_add_step(&run->rows, &(struct rows_step){
                               .step = run->state.steps,
                               .epoch = run->state.epoch + 1,
                               .loss = loss,
                               .lr = schedule_lr(&run->settings, run->state.steps - 1, run->steps_per_epoch),
                               .grad_norm = norm[1],
                               .loss_scale = norm[3],
                           });
}

static enum nephos_status end_step(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct training *training = user;
    struct run *run = training->run;
    const struct network *network = pass_network(training->pass, batch);
    const float loss = *(const float *)net_exec_output(network->exec, slot, network->loss);
    const float *norm = net_exec_grad_norm(network->exec, slot);
    const uint32_t *words = net_exec_output(network->exec, slot, network->metrics);
    const bool last = training->ended + network->spec.batch == run->settings.batch;
    if (!isfinite(loss) || (last && !is_good(norm)))
        return run_diverged(run, (double)loss, (double)norm[1]);
    for (uint32_t i = 0; i < batch->count; i++)
        tally_add_words(&run->state.tally, words + (size_t)i * run->meta.class_count * 8);
    training->loss += (double)loss * ((double)network->spec.batch / run->settings.batch);
    training->ended += network->spec.batch;
    if (!last) return NEPHOS_OK;
    if (norm[2] != 1)
        base_debug(run->log, "step %llu skipped: its gradient overflows at a loss scale of %g", (unsigned long long)run->state.steps + 1,
                   (double)norm[3]);
    run->state.steps++;
    log_step(run, (float)training->loss, norm);
    run->state.loss_sum += training->loss;
    training->loss = 0;
    training->ended = 0;
    run->state.step_in_epoch++;
    return report_step(training, (uint64_t)run->state.step_in_epoch * run->settings.batch) ? NEPHOS_OK : NEPHOS_INTERRUPTED;
}

enum nephos_status run_train_epoch(struct run *run)
{
    const uint32_t done = run->state.step_in_epoch * run->settings.batch;
    const uint64_t all = (uint64_t)run->steps_per_epoch * run->settings.batch;
    const uint32_t count = all < run->train_count ? (uint32_t)all : run->train_count;
    if (done >= count) return NEPHOS_OK; // interrupted during validation
    uint32_t *order = shuffled(run);
    if (!order) return base_fail(run->log, NEPHOS_ERROR_MEMORY, "training: out of memory");
    struct training training = {.run = run, .next_step = run->state.steps, .started = base_clock()};
    const struct pass pass = {
        .network = run->trainer,
        .tail = run->tail,
        .set = run->set,
        .order = order + done,
        .order_count = count - done,
        .group = run->settings.batch,
        .threads = run->settings.threads,
        .labels = true,
        .begin = begin_step,
        .end = end_step,
        .user = &training,
    };
    training.pass = &pass;
    double wait = 0;
    const enum nephos_status status = pass_run(&pass, &wait);
    run->state.seconds += base_clock() - training.started;
    run->state.wait_seconds += wait;
    free(order);
    return status;
}

struct validation {
    struct run *run;
    uint32_t epoch;
    uint64_t done;
    double started;
};

static void rank(struct run *run, uint32_t slot, uint32_t count)
{
    const struct network *network = run->validator;
    const float *scores = net_exec_output(network->exec, slot, network->class_probs);
    const float *presence = net_exec_output(network->exec, slot, network->presence);
    for (uint32_t i = 0; i < count; i++)
        ranking_add(&run->ranking, scores + (size_t)i * run->meta.class_count, presence + (size_t)i * run->meta.class_count);
}

static enum nephos_status end_validation(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct validation *validation = user;
    struct run *run = validation->run;
    const struct network *network = run->validator;
    const uint32_t *words = net_exec_output(network->exec, slot, network->metrics);
    // A last batch that is not full repeats an image; its share in the mean counts by its real images.
    run->val_loss_sum += (double)*(const float *)net_exec_output(network->exec, slot, network->loss) * batch->count;
    for (uint32_t i = 0; i < batch->count; i++)
        tally_add_words(&run->val_tally, words + (size_t)i * run->meta.class_count * 8);
    if (network->class_probs != OP_NONE) rank(run, slot, batch->count);
    validation->done += batch->count;
    if (!run->progress) return NEPHOS_OK;
    const struct nephos_progress progress = {
        .phase = NEPHOS_PHASE_VALIDATE,
        .epoch = validation->epoch,
        .epoch_count = run->settings.epochs,
        .done = validation->done,
        .total = run->val_count,
        .seconds = base_clock() - validation->started,
        .loss = run->val_loss_sum / (double)validation->done,
    };
    return run->progress(run->user, &progress) ? NEPHOS_OK : NEPHOS_INTERRUPTED;
}

enum nephos_status run_validate(struct run *run, uint32_t epoch)
{
    struct validation validation = {.run = run, .epoch = epoch, .started = base_clock()};
    tally_reset(&run->val_tally);
    ranking_reset(&run->ranking);
    run->val_loss_sum = 0;
    const struct pass pass = {
        .network = run->validator,
        .set = run->set,
        .order = run->val,
        .order_count = run->val_count,
        .threads = run->settings.threads,
        .labels = true,
        .end = end_validation,
        .user = &validation,
    };
    return pass_run(&pass, NULL);
}
