// SPDX-License-Identifier: MIT
// nephos: training and running segmentation networks on any Vulkan device.
//
// The whole public interface. Conventions:
//  - Functions that can fail return enum nephos_status; results go through out-pointers, which are written on success only.
//  - Every failure is described once, where it is detected, through the log (enum NEPHOS_LOG_ERROR); nephos_last_error() keeps the text.
//  - The library never exits, prints or reads the environment.
//  - `_destroy` functions take a pointer to the handle and set it to NULL; destroying NULL is allowed.
//  - Images in memory are row-major, interleaved, top row first. Sizes are pixels, "height, width" in that order.
//  - A handle may be used from one thread at a time; different handles made from the same log may be used from different threads.
#ifndef NEPHOS_H
#define NEPHOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NEPHOS_API __attribute__((visibility("default")))
#define NEPHOS_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define NEPHOS_API
#define NEPHOS_PRINTF(text, first)
#endif

#define NEPHOS_VERSION "0.1.0"

// ---------------------------------------------------------------------------------------------------------------------
// Status and log

// Program exit codes are the negated values (NEPHOS_ERROR_FILE counts as 1, NEPHOS_INTERRUPTED as 130).
enum nephos_status {
    NEPHOS_OK = 0,
    NEPHOS_ERROR = -1,             // anything without a code of its own
    NEPHOS_ERROR_ARGUMENT = -2,    // a parameter is out of its documented range
    NEPHOS_ERROR_DATA = -3,        // an input file exists but its content is wrong
    NEPHOS_ERROR_NO_DEVICE = -4,   // no usable Vulkan device, or the one asked for is not there
    NEPHOS_ERROR_MEMORY = -5,      // host or device memory does not suffice
    NEPHOS_ERROR_DEVICE_LOST = -6, // the driver gave the device up; every later call on it fails with this
    NEPHOS_ERROR_CHECK = -7,       // a kernel disagreed with its reference
    NEPHOS_ERROR_DIVERGED = -8,    // training met losses that are not finite, also after its rollbacks
    NEPHOS_ERROR_FILE = -9,        // a file can't be opened, read or written
    NEPHOS_INTERRUPTED = -10,      // a callback asked to stop
};

// Short English name of a status ("device lost"); never NULL.
NEPHOS_API const char *nephos_status_name(enum nephos_status status);

enum nephos_log_level { NEPHOS_LOG_ERROR, NEPHOS_LOG_WARN, NEPHOS_LOG_INFO, NEPHOS_LOG_DEBUG };

// Receives one message, without a line end. May be called from several threads, one at a time.
typedef void (*nephos_log_fn)(void *user, enum nephos_log_level level, const char *message);

struct nephos_log;

// Creates a log; messages above `level` are dropped. `fn` may be NULL (messages are only kept for nephos_last_error).
// Must outlive every handle made with it. Passing NULL where a log is asked for is allowed everywhere.
NEPHOS_API enum nephos_status nephos_log_create(nephos_log_fn fn, void *user, enum nephos_log_level level, struct nephos_log **log);
NEPHOS_API void nephos_log_destroy(struct nephos_log **log);

// The newest error message of this log, "" if there was none. Valid until the next error.
NEPHOS_API const char *nephos_last_error(const struct nephos_log *log);

// ---------------------------------------------------------------------------------------------------------------------
// Devices

enum nephos_device_type {
    NEPHOS_DEVICE_DISCRETE,
    NEPHOS_DEVICE_INTEGRATED,
    NEPHOS_DEVICE_VIRTUAL,
    NEPHOS_DEVICE_CPU,
    NEPHOS_DEVICE_OTHER
};

struct nephos_device_info {
    char name[256];        // as the driver reports it
    char driver[256];      // driver name and version text
    char uuid[37];         // 8-4-4-4-12 hex digits
    enum nephos_device_type type;
    uint32_t api_version;  // VK_MAKE_API_VERSION layout
    uint32_t subgroup_size;
    uint32_t max_workgroup_invocations;
    uint32_t max_shared_memory;        // bytes
    uint64_t max_storage_buffer_range; // bytes
    uint64_t memory_size;              // bytes of the largest device-local heap
    char matrices[64];                 // shapes of cooperative matrices (M x N x K, halves to floats), "16x16x16 16x8x16"; "": none
    char matrices_bf16[64];            // the same for bf16 factors
    bool usable;                       // false: `reason` tells what is missing
    char reason[128];
};

// Lists the devices in the order in which they are preferred (discrete, integrated, virtual, CPU); the position is the index
// that selects one. The same GPU under two drivers appears once. Writes at most `capacity` entries and the full count.
NEPHOS_API enum nephos_status nephos_device_list(struct nephos_log *log, struct nephos_device_info *infos, size_t capacity, size_t *count);

struct nephos_device;

struct nephos_device_params {
    const char *select;    // NULL or "auto": the first usable; else an index, a part of the name (any case), or a UUID
    const char *kernels;   // NULL or "auto": the fastest on this device, tried at first use; "baseline": only kernels that need nothing
                           // beyond Vulkan's guaranteed limits; "tile", "matrix", "software" (or the beginning of a kernel's name, as
                           // nephos_check reports it): those wherever they can be used
    const char *cache_dir; // folder for the pipeline cache and for what was found by trying, created when missing; NULL: none on disk
    uint32_t threads;      // threads that compile pipelines; 0: one per processor
    bool profile;          // record a timestamp around every dispatch
    bool validation;       // ask for the Khronos validation layer; its messages arrive as errors
};

// Opens a device. `params` may be NULL for the defaults. NEPHOS_ERROR_NO_DEVICE where there is none.
NEPHOS_API enum nephos_status nephos_device_open(struct nephos_log *log, const struct nephos_device_params *params,
                                                 struct nephos_device **device);
NEPHOS_API void nephos_device_destroy(struct nephos_device **device);
NEPHOS_API const struct nephos_device_info *nephos_device_get_info(const struct nephos_device *device);

// What was found by trying kernels on this device, now or by an earlier process: an operator with its shapes, and what computes it
// with the time it took. False behind the last; the texts live until the device is used again.
NEPHOS_API bool nephos_device_choice(const struct nephos_device *device, size_t index, const char **work, const char **choice);

// With params.profile: the table of time per kernel as text (caller frees with nephos_free), and a Chrome trace file.
NEPHOS_API enum nephos_status nephos_device_profile_table(struct nephos_device *device, char **text);
NEPHOS_API enum nephos_status nephos_device_profile_trace(struct nephos_device *device, const char *path);

NEPHOS_API void nephos_free(void *pointer);

// The one of `names` that is closest to `word`, NULL where none is close: for "did you mean" messages.
NEPHOS_API const char *nephos_suggest(const char *word, const char *const *names, size_t count);

// ---------------------------------------------------------------------------------------------------------------------
// Run-length encoding of masks, as in the competition: pairs "start length", 1-based, column by column (down, then right).

// Decodes `text` ("" = empty mask) into mask[height * width], row-major, 0 or 1. Strict: starts ascending, no overlap, in range.
NEPHOS_API enum nephos_status nephos_rle_decode(struct nephos_log *log, const char *text, uint32_t height, uint32_t width, uint8_t *mask);
// Encodes a mask (non-zero = set); *text is to be freed with nephos_free.
NEPHOS_API enum nephos_status nephos_rle_encode(struct nephos_log *log, const uint8_t *mask, uint32_t height, uint32_t width, char **text);

// Masks as 8-bit grey PNG files: 255 where the mask is set, 0 elsewhere; any other value that is not 0 reads as set (1).
// *mask has *height * *width elements and is to be freed with nephos_free.
NEPHOS_API enum nephos_status nephos_mask_write(struct nephos_log *log, const char *path, const uint8_t *mask, uint32_t height,
                                                uint32_t width);
NEPHOS_API enum nephos_status nephos_mask_read(struct nephos_log *log, const char *path, uint8_t **mask, uint32_t *height, uint32_t *width);

// ---------------------------------------------------------------------------------------------------------------------
// Training

// Settings by name, the same names as the program's options and the config file's keys (see nephos_config_help).
struct nephos_config;
NEPHOS_API enum nephos_status nephos_config_create(struct nephos_log *log, struct nephos_config **config);
NEPHOS_API void nephos_config_destroy(struct nephos_config **config);
// Both check name and range: NEPHOS_ERROR_ARGUMENT names the setting, the value and what is allowed.
NEPHOS_API enum nephos_status nephos_config_set(struct nephos_config *config, const char *name, const char *value);
// Reads a file of "name = value" lines ('#' or ';' begins a comment line; '_' in names counts as '-'). Settings that were already
// set by nephos_config_set keep their value ("flags win"); a later file wins over an earlier one. Failures name file and line;
// the lines above the bad one are in force then.
NEPHOS_API enum nephos_status nephos_config_load(struct nephos_config *config, const char *path);
// The value in force as text, NULL for an unknown name. Valid until the setting changes.
NEPHOS_API const char *nephos_config_get(const struct nephos_config *config, const char *name);
// All settings as a file that nephos_config_load reads: in groups, each with its help, range and default as comments, and the value in
// force. *text is to be freed with nephos_free.
NEPHOS_API enum nephos_status nephos_config_text(const struct nephos_config *config, char **text);
// Describes setting number `index`; false past the last one. Pointers are static.
struct nephos_setting_info {
    const char *name, *type, *default_value; // type: "int", "float", "choice", "path", "bool", "text"
    const char *choices;                     // of a "choice", as "a|b|c"; else NULL
    const char *help;
};
NEPHOS_API bool nephos_config_setting(size_t index, struct nephos_setting_info *info);

enum nephos_phase { NEPHOS_PHASE_TRAIN, NEPHOS_PHASE_VALIDATE, NEPHOS_PHASE_PREDICT, NEPHOS_PHASE_ANALYZE, NEPHOS_PHASE_OTHER };

// What a long call tells its caller after each step and each epoch.
struct nephos_progress {
    enum nephos_phase phase;
    uint32_t epoch, epoch_count; // 1-based; 0 where it has no meaning
    uint64_t done, total;        // images of this phase
    double seconds;              // since the phase began
    double loss;                 // running mean; NAN where it has no meaning
    double lr;
    bool epoch_end;              // the fields below are set
    double train_loss, train_dice, train_iou, train_accuracy;
    double val_loss, val_dice, val_iou, val_accuracy; // Dice as the competition defines it
    double val_pr_auc, val_roc_auc;                   // of the classification head, means over the classes; NAN without one
    double images_per_second, wait_share;             // share of the time spent waiting for data, 0..1
    bool best;                                        // so far, by the setting "monitor"
};
// Return false to stop: training writes a checkpoint and returns NEPHOS_INTERRUPTED. `progress` lives during the call only.
typedef bool (*nephos_progress_fn)(void *user, const struct nephos_progress *progress);

// Trains as `config` says (at least "data" and "out"); the run directory gets config.ini, split.csv, last.safetensors,
// best.safetensors, history.csv and report.html. `progress` may be NULL.
NEPHOS_API enum nephos_status nephos_train(struct nephos_device *device, const struct nephos_config *config,
                                           nephos_progress_fn progress, void *user);

// Writes a page that puts up to eight run directories side by side: scores of their best epochs, curves, settings that differ. `path`: an
// HTML file, self-contained. NEPHOS_ERROR_FILE where a directory has no history.csv.
NEPHOS_API enum nephos_status nephos_compare(struct nephos_log *log, const char *const *runs, size_t count, const char *path);

struct nephos_augment_params {
    const char *out;   // PNG to write
    uint32_t images;   // rows, at most 64; 0: 4, or as many as there are
    uint32_t variants; // columns behind the image as it is, at most 64; 0: 6
};
// Draws what a training with these settings ("data", sizes, "seed", "flip", "augment" ...) sees: training images, spread over all there
// are, each as it is and as it comes in the first epochs, with outlines of its masks. Partners of mixup and cutmix are those on the sheet.
NEPHOS_API enum nephos_status nephos_augment_sheet(struct nephos_device *device, const struct nephos_config *config,
                                                   const struct nephos_augment_params *params);

// ---------------------------------------------------------------------------------------------------------------------
// Models

struct nephos_model;

struct nephos_model_info {
    const char *arch, *encoder;   // "unet", "resnet34" | "none"
    uint32_t encoder_width;
    uint32_t height, width;       // size images are resized to before the network
    uint32_t class_count;
    const char *const *classes;   // class_count names
    bool exclusive;               // true: softmax, one class per pixel; false: sigmoid, classes may overlap
    bool class_head;              // the network also tells which classes an image has
    uint64_t parameter_count;
};

// Loads a model file (.safetensors) or the best model of a run directory. The model keeps using `device`.
NEPHOS_API enum nephos_status nephos_model_load(struct nephos_device *device, const char *path, struct nephos_model **model);
NEPHOS_API void nephos_model_destroy(struct nephos_model **model);
// What convolutions round their operands to from now on, in whatever the model predicts: "fp32" (NULL too, and what a model begins
// with), "fp16", "bf16" or "auto", as the setting of that name. NEPHOS_ERROR_ARGUMENT where the device has no matrix units for it.
NEPHOS_API enum nephos_status nephos_model_set_precision(struct nephos_model *model, const char *precision);
NEPHOS_API const struct nephos_model_info *nephos_model_get_info(const struct nephos_model *model);

struct nephos_image {
    const void *pixels;
    uint32_t height, width;
    uint32_t channels;  // 1 grey, 3 RGB, 4 RGBA (alpha is ignored)
    uint32_t bits;      // 8, or 16 in native byte order
    size_t row_stride;  // bytes from row to row; 0: rows follow each other
};

// Probabilities of every class for one image, class after class: probs[class][height][width] in the image's own size, 0..1.
// `probs` has class_count * height * width elements and belongs to the caller.
NEPHOS_API enum nephos_status nephos_model_predict(struct nephos_model *model, const struct nephos_image *image, float *probs);

#define NEPHOS_BATCH_AUTO UINT32_MAX

// What is done to each class's mask behind the thresholds, in this order. All zero: nothing.
struct nephos_post_params {
    bool fill_holes;    // what is not set and enclosed by set pixels becomes set
    uint32_t min_area;  // 8-connected components of fewer pixels are cleared, counted at the size the network works at; 0: none is
    const char *shape;  // what becomes of each component that is left: "convex": its convex hull, "rectangle": its bounding rectangle,
                        // "none" (NULL too): itself
};
// Where classes exclude each other only min_area is possible, the others are NEPHOS_ERROR_ARGUMENT.

struct nephos_predict_params {
    const char *const *paths; // image files and folders of images
    size_t path_count;
    const char *out_dir;      // gets IMAGE_CLASS.png (0 or 255) and IMAGE_overlay.png; made when missing
    float threshold;          // 0..1; 0 means the model's own (0.5 unless it says otherwise), or the rules stored in its file: see
                              // nephos_search. What is given of class_threshold and post replaces its part of them
    float class_threshold;    // 0..1: a class whose probability by the classification head is lower gets an empty mask; 0: none does
    struct nephos_post_params post;
    const char *csv;          // NULL, or the submission file to write
    uint32_t csv_height, csv_width; // frame of the run-length codes; 0: the image's own size
    uint32_t batch;           // images per step, 0: 8; NEPHOS_BATCH_AUTO: as many as the device has memory for
    uint32_t threads;         // decoding threads, 0: one per processor
    const char *tta;          // test-time augmentation. "flips": the mean of the probabilities of the image, its two mirror images and
                              // the image turned by 180 degrees, in four times the time; NULL or "none": the image alone
    struct nephos_model *const *others; // further models of the same input size, classes and heads: probabilities of all are averaged
    size_t other_count;       // 0 to 31
};
NEPHOS_API enum nephos_status nephos_predict_files(struct nephos_model *model, const struct nephos_predict_params *params,
                                                   nephos_progress_fn progress, void *user);

struct nephos_class_scores {
    double dice;        // mean over images, both empty = 1
    double iou;         // over all pixels of all images: tp / (tp + fp + fn); NAN if the class never occurs
    double predict_nothing; // the Dice of an empty prediction: share of images without the class
    uint64_t tp, fp, fn, tn;
    double pr_auc, roc_auc; // areas under the precision-recall curve and the ROC of the classification head's verdicts on images; NAN
                            // without such a head, or where all images or none have the class
};
struct nephos_scores {
    uint64_t image_count;
    uint32_t class_count;
    double dice, mean_iou, accuracy;       // dice: mean over image x class as in the competition
    double predict_nothing;
    double pr_auc, roc_auc;                // means over the classes where they are not NAN
    struct nephos_class_scores *classes;   // class_count entries, freed by nephos_scores_free
};
struct nephos_evaluate_params {
    const char *data, *split;  // split: "train", "val", "test" or "all"; NULL: "val"
    float threshold, class_threshold; // as in nephos_predict_params
    struct nephos_post_params post;
    uint32_t batch, threads;   // as in nephos_predict_params
    const char *tta;           // as in nephos_predict_params
    struct nephos_model *const *others; // as in nephos_predict_params
    size_t other_count;
};
NEPHOS_API enum nephos_status nephos_evaluate(struct nephos_model *model, const struct nephos_evaluate_params *params,
                                              nephos_progress_fn progress, void *user, struct nephos_scores *scores);
NEPHOS_API void nephos_scores_free(struct nephos_scores *scores);

// How probabilities of one class become a mask.
struct nephos_rule {
    float threshold;       // of pixels
    float class_threshold; // the mask stays empty where the class is less probable: by the classification head, or without one as
                           // probable as its most probable pixel
    uint32_t min_area;     // as in nephos_post_params, and so are these:
    const char *shape;
    bool fill_holes;
};
struct nephos_search_result {
    uint32_t class_count;
    struct nephos_rule *rules; // class_count
    // [0]: the images that chose the rules, [1]: all others. plain: of the threshold alone, found: of the rules; pr_auc, roc_auc are NAN.
    struct nephos_scores plain[2], found[2];
};
// Finds the rule of each class with the highest Dice: pixel thresholds and class thresholds in steps of 0.05, least areas from 0 to 12 %
// of the image. The images at even positions of the split choose, at the size the network works at; what the rules bring is measured on
// both halves in the images' own size. `params->threshold`: the plain one; `params->post`: shape and holes of every rule that is tried.
// `store`: put them into the model's file, where nephos_evaluate and nephos_predict_files find them; not with params->others.
// The result is freed by nephos_search_result_free.
NEPHOS_API enum nephos_status nephos_search(struct nephos_model *model, const struct nephos_evaluate_params *params, bool store,
                                            nephos_progress_fn progress, void *user, struct nephos_search_result *result);
NEPHOS_API void nephos_search_result_free(struct nephos_search_result *result);

struct nephos_submission_params {
    const char *csv;        // the file to check
    const char *data;       // a data set with labels: a row for each of its images and classes is asked for, and scored
    const char *sample;     // or a file of the competition's form that has the rows asked for; its codes are not read. One of both
    uint32_t height, width; // frame of the codes; both 0: the competition's 350, 525
};
struct nephos_submission {
    uint64_t rows, masks;        // masks: rows whose code is not empty
    bool scored;                 // with `data`: the fields below are set
    const char *const *classes;  // names, scores.class_count of them
    struct nephos_scores scores; // against the labels in the frame of the codes
    void *set;                   // where `classes` lives
};
// Checks that the file has the header Image_Label,EncodedPixels and each row asked for once and no other, and that each code is valid in
// the frame: starts ascend, runs neither overlap nor leave the frame. NEPHOS_ERROR_DATA tells the first fault and its line. The result is
// freed by nephos_submission_free.
NEPHOS_API enum nephos_status nephos_submission_check(struct nephos_log *log, const struct nephos_submission_params *params,
                                                      struct nephos_submission *result);
NEPHOS_API void nephos_submission_free(struct nephos_submission *result);

// ---------------------------------------------------------------------------------------------------------------------
// Analysis of a data set

struct nephos_analyze_params {
    const char *data;    // folder in either layout
    const char *html;    // page to write, NULL: none
    const char *json;    // file of all figures and defects, NULL: none; its fields are described in docs/formats.md
    uint32_t threads;    // decoding threads, 0: one per processor; the results are the same with any number
    uint32_t near;       // bits of 64 in which the hashes of near-duplicates may differ, at most 15; 0: 6
    uint32_t samples;    // images shown on the page, at most 200; 0: 12
};
struct nephos_analysis {
    uint64_t images, unreadable;
    uint64_t rows, empty_rows;     // of train.csv; 0 in the generic layout
    uint64_t masks;                // classes present, over all images
    uint64_t identical, near, leaks; // pairs of images; leaks: alike images of different parts of split.csv
    uint64_t errors, warnings;     // defects that a training refuses, and those it lives with
};
// Reads every image and mask of a folder once and writes what it found. What is wrong with the data is part of the result, not a failure;
// NEPHOS_ERROR_DATA only where no data set can be made out. Memory is bounded: a picture per thread, train.csv, some hundred bytes an
// image. `progress` and `result` may be NULL.
NEPHOS_API enum nephos_status nephos_analyze(struct nephos_log *log, const struct nephos_analyze_params *params,
                                             nephos_progress_fn progress, void *user, struct nephos_analysis *result);

// ---------------------------------------------------------------------------------------------------------------------
// Synthetic data, self test, benchmark

struct nephos_synth_params {
    const char *out_dir;
    uint32_t images;        // 0: 64; at least 2
    uint32_t height, width; // 0: 128, 192; 16 to 16384
    uint64_t seed;
};
// Writes a procedural cloud set in the competition's layout (images/, train.csv, classes.txt, split.csv). The same seed gives the
// same pictures, at any size. NEPHOS_ERROR_ARGUMENT where out_dir holds a train.csv already.
NEPHOS_API enum nephos_status nephos_synth(struct nephos_log *log, const struct nephos_synth_params *params);

struct nephos_check_result {
    const char *kernel, *test_case; // test_case: shape and attributes as text
    bool passed;
    double error, limit;       // largest deviation over what is allowed: passes while error <= limit
    double seconds;
    const char *detail;        // first offending index and both values, "" when passed
};
typedef void (*nephos_check_fn)(void *user, const struct nephos_check_result *result);
// Runs every kernel of this build against its double-precision reference. NEPHOS_ERROR_CHECK when one disagreed.
NEPHOS_API enum nephos_status nephos_check(struct nephos_device *device, nephos_check_fn report, void *user);

struct nephos_bench_params {
    const char *layers;     // NULL, or a CSV with layer,cin,cout,kernel,stride,padding,h_in,w_in per row
    const char *encoder;    // model of the whole-step rows; NULL: "resnet34"
    uint32_t encoder_width; // 0: 64
    uint32_t height, width, batch; // 0: 256, 384, 4
    double seconds;         // least time per row; 0: 0.5
    const char *steps;      // NULL: operators, then both kinds of whole steps; "train" or "infer": that step alone
    const char *fuse;       // "on" (NULL too): join operators that follow one another; "off": plain operators only
    const char *recompute;  // "on": cheap tensors are made again in the backward pass instead of kept; "off" (NULL too)
    const char *storage;    // of the model's activations: "fp32", "fp16", "bf16" or "auto" (NULL too), as when training
    const char *precision;  // of the model: "fp32" (NULL too), "fp16", "bf16" or "auto". Layers are measured by every kernel there is
};
struct nephos_bench_result {
    const char *name;        // layer or whole step
    const char *pass;        // "forward", "data gradient", "weight gradient", "train", "infer"
    double seconds;          // median of one run
    double gflops, gbytes_per_second, images_per_second; // NAN where it has no meaning
    uint64_t memory_size;    // bytes on the device of a whole step: activations, parameters, gradients, moments; else 0
};

// How much memory a step of the model moves, without running it and without the optimizer: by plain operators and by fused ones.
struct nephos_traffic_count {
    uint32_t operators, dispatches;
    double moved; // bytes that the kernels read and write: each operand of each dispatch once
    double least; // each tensor that is stored written once, and read once by each operator
};
struct nephos_traffic_row {
    const char *step;   // "train" or "infer"
    const char *name;   // kind of operator; "total" behind all others of a step
    struct nephos_traffic_count plain, fused;
};
typedef void (*nephos_traffic_fn)(void *user, const struct nephos_traffic_row *row);
// `layers`, `seconds` and `fuse` are not read.
NEPHOS_API enum nephos_status nephos_traffic(struct nephos_device *device, const struct nephos_bench_params *params,
                                             nephos_traffic_fn report, void *user);

// Where the time of a whole step goes.
struct nephos_profile_row {
    const char *step;    // "train" or "infer"
    const char *kernel;  // the slowest first; "total" behind all others of a step
    uint64_t count;      // dispatches in one step
    double seconds;      // of one step
    double share;        // of the time in all kernels, 0 to 1
    double gflops, gbytes_per_second; // that the kernel itself computes and moves; NAN where it does not say
    double step_seconds; // from the submission to the end of the step; what is not in kernels is between them
};
typedef void (*nephos_profile_fn)(void *user, const struct nephos_profile_row *row);
// Of a device that was opened with `profile`: kernels wait for each other there, so a step takes longer than it does else. `layers` is
// not read; `steps` NULL: both.
NEPHOS_API enum nephos_status nephos_profile(struct nephos_device *device, const struct nephos_bench_params *params,
                                             nephos_profile_fn report, void *user);

typedef void (*nephos_bench_fn)(void *user, const struct nephos_bench_result *result);
NEPHOS_API enum nephos_status nephos_bench(struct nephos_device *device, const struct nephos_bench_params *params,
                                           nephos_bench_fn report, void *user);

#ifdef __cplusplus
}
#endif
#endif
