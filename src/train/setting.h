// SPDX-License-Identifier: MIT
// The settings of a training run: one table row each, from which come the options, the config file's keys, the help, the checks
// and the plain struct that the trainer reads.
#ifndef TRAIN_SETTING_H
#define TRAIN_SETTING_H

#include "train/augment_setting.h"

enum train_optimizer { TRAIN_ADAM, TRAIN_ADAMW, TRAIN_SGD, TRAIN_RADAM, TRAIN_NADAM };
enum train_schedule { TRAIN_CONSTANT, TRAIN_COSINE, TRAIN_STEP, TRAIN_ONE_CYCLE, TRAIN_POLY, TRAIN_PLATEAU };
enum train_flip { TRAIN_FLIP_NONE, TRAIN_FLIP_H, TRAIN_FLIP_V, TRAIN_FLIP_HV }; // bit 0: left-right, bit 1: upside down
enum train_arch { TRAIN_UNET };
enum train_recompute { TRAIN_RECOMPUTE_OFF, TRAIN_RECOMPUTE_ON, TRAIN_RECOMPUTE_AUTO };
enum train_precision { TRAIN_FP32, TRAIN_FP16, TRAIN_BF16, TRAIN_AUTO };

enum train_class_mode { TRAIN_CLASS_MODE_AUTO, TRAIN_MULTILABEL, TRAIN_MULTICLASS };

#define TRAIN_LIST_MOST 24
struct train_list { // one number for all classes, or one each; a count of 0: not given
    uint32_t count;
    float values[TRAIN_LIST_MOST];
};

struct train_loss {
    // Weights of the terms; 0: not used. ce and bce exclude each other.
    float bce, ce, dice, dice_positive, jaccard, tversky, focal_tversky, mcc, focal, lovasz;
    uint32_t class_mode; // enum train_class_mode
    struct train_list pos_weight, class_weight;
    float label_smoothing;
    float tversky_alpha, tversky_beta, focal_tversky_gamma;
    float focal_alpha, focal_gamma;
};

// Every setting with its type; texts belong to the config and are NULL when empty.
struct train_settings {
    const char *data, *out, *init;
    uint32_t arch; // enum train_arch
    const char *encoder; // "none", "resnet34" ...
    uint32_t encoder_width;
    uint32_t height, width;
    uint32_t batch, micro_batch, epochs; // batches may be SETTING_AUTO; micro_batch 0: the whole batch
    uint32_t recompute; // enum train_recompute
    uint32_t precision; // enum train_precision
    uint32_t storage;   // of activations: enum train_precision
    float lr;
    uint32_t optimizer; // enum train_optimizer
    float momentum;
    bool nesterov;
    float weight_decay;
    bool decay_norm_bias;
    float encoder_lr; // factor
    float ema; // decay; 0: off
    struct train_loss loss;
    float class_head; // weight of its loss; 0: no head
    float clip_norm; // 0: off
    float dropout;
    uint32_t schedule; // enum train_schedule
    uint32_t warmup;   // epochs
    float min_lr;
    uint32_t step_epochs;
    float step_factor, poly_power;
    float one_cycle_rise, one_cycle_div, one_cycle_final_div;
    uint32_t plateau_patience; // epochs
    float plateau_factor;
    uint32_t patience; // epochs; 0: never stop early
    uint32_t monitor;  // row of train_monitors
    uint32_t keep_best; // epochs whose weights are kept
    bool average_best;
    float min_delta;   // of the monitored value, for patience
    uint32_t rollbacks; // in a row
    float rollback_lr; // factor on the learning rate at each
    float val_share;
    uint32_t folds, fold; // 0: no cross-validation; 0: all of them
    uint32_t flip; // enum train_flip
    uint32_t augment_preset; // enum train_augment_preset
    struct train_augment augment;
    uint64_t seed;
    float threshold;
    uint32_t examples;
    uint32_t log_every; // steps; 0: no steps.csv
    uint32_t threads; // 0: one per processor
    const char *device, *kernels;
    uint32_t fuse; // 0: off
    bool resume, profile;
};

#define SETTING_AUTO UINT32_MAX // a COUNT that depends on the device and is not decided yet

enum setting_kind {
    SETTING_COUNT,
    SETTING_SEED,
    SETTING_FLOAT,
    SETTING_BOOL,
    SETTING_CHOICE,
    SETTING_NAME,
    SETTING_LOSS, // weights of struct train_loss
    SETTING_LIST,
    SETTING_PATH,
    SETTING_TEXT
};

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;             // in struct train_settings
    const char *default_value; // as text
    double low, high;          // COUNT, FLOAT and each of a LIST: both inclusive
    uint32_t step;             // COUNT: must be a multiple; 0: any
    const char *choices;       // CHOICE (stored as position) and NAME (stored as text): "a|b|c"; COUNT: "auto" where that is allowed;
                               // FLOAT: "preset" where that is allowed, stored as NAN
    const char *help;
};
extern const struct setting train_setting_table[];
extern const size_t train_setting_count;

// The row of that name ('_' counts as '-'), NULL if there is none.
const struct setting *setting_find(const char *name);
const char *setting_type(const struct setting *setting);
// Checks `text` and stores its value in *settings. `where` stands in front of error messages ("train.ini:7: " or "").
enum nephos_status setting_parse(struct nephos_log *log, const char *where, const struct setting *setting, const char *text,
                                 struct train_settings *settings);

#endif
