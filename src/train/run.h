// SPDX-License-Identifier: MIT
// What the parts of a training run share: setting up (setup.c), memory (fit.c), one epoch (epoch.c), the run directory (run_dir.c).
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "base/lock.h"
#include "data/data.h"
#include "report/events.h"
#include "report/report.h"
#include "train/meta.h"
#include "train/network.h"
#include "train/rows.h"
#include "train/state.h"

struct run {
    struct gpu *gpu;
    struct nephos_log *log;
    const struct nephos_config *config;
    struct train_settings settings;
    nephos_progress_fn progress; // may be NULL
    void *user;

    struct base_lock *lock; // of the run directory; NULL: not yet
    struct data_set *set;
    uint32_t *train, *val; // sample indices
    uint32_t train_count, val_count;
    uint32_t steps_per_epoch;

    struct meta meta;
    struct net_store *store;
    struct net_store *kept; // what is validated and kept as a model: the same, or with --ema its average
    struct network *trainer, *validator;
    struct network *tail; // the last micro-batch of a step, where it is smaller than the others; else NULL
    struct net_optimizer optimizer;
    uint32_t moments; // floats per parameter
    bool recompute;   // what settings.recompute comes to
    enum train_precision precision; // what settings.precision comes to on this device
    enum gpu_type storage;          // what settings.storage comes to

    struct train_state state;
    float lr;             // as set, before rollbacks
    uint32_t saved_step;  // step_in_epoch of last.safetensors
    struct history history;
    struct rows rows;
    struct events events; // for TensorBoard, of this session
    struct tally val_tally;
    struct ranking ranking; // of the validation images by the classification head; empty without one
    double val_loss_sum;
};

// setup.c: everything up to the first step. Nothing in the run directory changes before all inputs were found good and all memory
// was had.
enum nephos_status run_setup(struct run *run);
void run_free(struct run *run);
struct network_spec run_spec(const struct run *run, enum network_purpose purpose, uint32_t batch);

// fit.c: decides batch, micro-batch and recompute where they are "auto"; compares the memory plan with what the device has, fails with
// the batch that would fit. fit_report.c: tells the plan of the networks as they will run.
enum nephos_status run_fit_batch(struct run *run);
enum nephos_status run_fit(const struct run *run);
void run_fit_report(const struct run *run);

// epoch.c: the rest of the epoch that state.step_in_epoch stands in; a pass over the validation images (`epoch`: 1-based, for the
// progress only).
enum nephos_status run_train_epoch(struct run *run);
enum nephos_status run_validate(struct run *run, uint32_t epoch);

// row.c: the numbers of the steps and the validation that were last counted, as those of this epoch (1-based).
struct history_row run_row(const struct run *run, uint32_t epoch);

// run_dir.c
char *run_path(const struct run *run, const char *name); // malloc'ed, NULL: memory is out
enum nephos_status run_check_free(struct run *run); // refuses a folder that holds another run, or that a running process uses
enum nephos_status run_describe(struct run *run);   // makes the folder, config.ini and split.csv
enum nephos_status run_save_last(struct run *run); // first the rows that wait
enum nephos_status run_save_rows(struct run *run);
enum nephos_status run_save_best(const struct run *run);
enum nephos_status run_save_model(const struct run *run, const char *name); // weights alone, as a model file of that name
enum nephos_status run_load_model(struct run *run, const char *name);
enum nephos_status run_load_best(struct run *run);
enum nephos_status run_resume(struct run *run);  // from last.safetensors
enum nephos_status run_save_interrupted(struct run *run); // keeps the beginning of the epoch as epoch-start.safetensors
void run_forget_start(const struct run *run);             // removes that, once the epoch is over
enum nephos_status run_reload(struct run *run);           // weights and state of the beginning of the epoch
enum nephos_status run_init(struct run *run);    // weights from settings.init, if any

// rollback.c: numbers that are not finite. run_diverged: a warning while there is a way back, else the failure; always
// NEPHOS_ERROR_DIVERGED. run_roll_back: back to the beginning of the epoch, with a smaller learning rate; what diverged before is
// passed on where the ways back are used up.
enum nephos_status run_diverged(const struct run *run, double loss, double norm);
enum nephos_status run_roll_back(struct run *run);
void run_scale_lr(struct run *run); // settings.lr from what was set and state.lr_scale

// run_report.c: report.html, of the curves alone, or once the run has ended with scores and examples of the best model.
enum nephos_status run_report(struct run *run, enum report_state state);

// run_events.c: the same for TensorBoard. Written behind the checkpoint of the epoch.
enum nephos_status run_events_row(struct run *run, const struct history_row *row);
enum nephos_status run_events_examples(struct run *run, const struct report *report);

#endif
