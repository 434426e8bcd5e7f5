// SPDX-License-Identifier: MIT
// Images and labels on the host: reading, splitting, streaming. Knows neither GPU nor network.
#ifndef DATA_H
#define DATA_H

#include "base/status.h"

// --- run-length codes (rle.c) -----------------------------------------------------------------------------------------
// Pairs "start length", 1-based, column-major. `where` ("train.csv:17") stands in front of error messages.
enum nephos_status data_rle_decode(struct nephos_log *log, const char *where, const char *text, uint32_t height, uint32_t width,
                                   uint8_t *mask); // mask[height * width] row-major, 0 or 1
char *data_rle_encode(const uint8_t *mask, uint32_t height, uint32_t width); // malloc'ed; NULL: memory is out

// --- pictures (image.c, image_png.c, image_jpeg.c, resize.c) ----------------------------------------------------------
struct data_image { // 8-bit interleaved, row-major, `channels` 1 or 3
    uint32_t height, width, channels;
    uint32_t full_height, full_width; // of the file, before any reduced-scale decoding
    uint8_t *pixels;                  // owned: data_image_free
};
// Decodes PNG or JPEG by content. 16-bit samples are rounded to 8, alpha is dropped, palettes and 1/2/4-bit grey expanded.
// want_height/width: the size the caller will resize to (0: full size); a JPEG may be decoded at 1/2, 1/4 or 1/8 as long as it
// stays at least that large. Truncated and corrupt files fail with NEPHOS_ERROR_DATA and the path.
enum nephos_status data_image_read(struct nephos_log *log, const char *path, uint32_t want_height, uint32_t want_width,
                                   struct data_image *image);
enum nephos_status data_image_size(struct nephos_log *log, const char *path, uint32_t *height, uint32_t *width); // header only
// A PNG read as stored, without colour conversion: one 8-bit channel (palette indices or grey), for masks.
enum nephos_status data_mask_read(struct nephos_log *log, const char *path, struct data_image *mask);
void data_image_free(struct data_image *image);
// 8-bit PNG with 1 or 3 channels, written atomically.
enum nephos_status data_png_write(struct nephos_log *log, const char *path, const uint8_t *pixels, uint32_t height, uint32_t width,
                                  uint32_t channels);
enum nephos_status data_jpeg_write(struct nephos_log *log, const char *path, const uint8_t *pixels, uint32_t height, uint32_t width,
                                   uint32_t channels, int quality);
// JPEG into memory; *bytes malloc'ed. `path` is for messages.
enum nephos_status data_jpeg_encode(struct nephos_log *log, const char *path, const uint8_t *pixels, uint32_t height, uint32_t width,
                                    uint32_t channels, int quality, uint8_t **bytes, size_t *size);
// PNG into memory (for reports); *bytes malloc'ed.
enum nephos_status data_png_encode(struct nephos_log *log, const uint8_t *pixels, uint32_t height, uint32_t width, uint32_t channels,
                                   uint8_t **bytes, size_t *size);
// Area average when shrinking, bilinear when growing (pixel centres at half-integers); fixed-point or double: same bits everywhere.
void data_resize(const uint8_t *from, uint32_t from_height, uint32_t from_width, uint32_t channels, uint8_t *to, uint32_t height,
                 uint32_t width);
// One float plane, bilinear at half-pixel centres (probabilities back to the image's size).
void data_resize_plane(const float *from, uint32_t from_height, uint32_t from_width, float *to, uint32_t height, uint32_t width);
// Masks: class set or index of the source pixel that covers the target pixel's centre.
void data_resize_nearest(const uint8_t *from, uint32_t from_height, uint32_t from_width, uint8_t *to, uint32_t height, uint32_t width);

// --- data sets (dataset.c, dataset_competition.c, dataset_generic.c, csv.c, split.c) ----------------------------------
enum data_split { DATA_TRAIN, DATA_VAL, DATA_TEST, DATA_NONE };

struct data_sample {
    char *name;      // file name, "0011165.jpg"
    char *path;      // of the image
    char **rle;      // class_count texts ("" = absent), or NULL in the generic layout
    uint32_t *rle_line; // line of train.csv each text came from (0: no row)
    char *mask_path; // generic layout, or NULL
    enum data_split split;
};
struct data_set {
    struct nephos_log *log;
    char *root;
    char **classes; // file order of classes.txt, or order of first appearance in train.csv
    uint32_t class_count;
    bool exclusive; // masks hold one class index per pixel (255: ignored); else one bit per class
    struct data_sample *samples; // sorted by name
    uint32_t sample_count;
    bool has_split; // split.csv was there
    // Competition layout: what rle and rle_line of the samples point into.
    char *text, **rle_table;
    uint32_t *line_table;
};
// Opens a folder in either layout (train.csv: competition; masks/: generic). Everything is checked that can be without decoding
// images: columns, classes, duplicate and missing rows, missing files. At most 8 classes when they may overlap, else 255.
enum nephos_status data_set_open(struct nephos_log *log, const char *root, struct data_set **set);
// Folders without labels, or single files, for prediction: samples with neither rle nor mask.
enum nephos_status data_set_from_paths(struct nephos_log *log, const char *const *paths, size_t count, struct data_set **set);
void data_set_close(struct data_set **set);
// Class names become parts of file names and of CSV fields: neither empty nor with / \ , " or control characters.
bool data_class_name_allowed(const char *name);
// The labels of one sample in their own frame (the image's full size): labels[height * width], bit c = class c, or the class index.
enum nephos_status data_set_labels(const struct data_set *set, uint32_t sample, uint32_t height, uint32_t width, uint8_t *labels);
// Set of classes present as bits (or from the mask file for the generic layout); classes from 63 on share the last bit.
enum nephos_status data_set_classes_present(const struct data_set *set, uint32_t sample, uint64_t *bits);
// Draws train and val by seed, stratified by the set of classes present (val_share 0..1 of each stratum, rounded so that the
// total is right; at least one sample on each side). Only when !has_split, or to be read back with data_split_load.
enum nephos_status data_split_draw(struct data_set *set, double val_share, uint64_t seed);
// Cross-validation: the images of fold `fold` (1 to fold_count) validate, all others train, those meant for the test stay as they are.
// Groups of groups.csv in the data's folder (image,group), where it is there, are never divided; folds have their share of every set of
// classes present. The same seed gives the same folds.
enum nephos_status data_folds_split(struct data_set *set, uint32_t fold_count, uint32_t fold, uint64_t seed);
enum nephos_status data_split_save(const struct data_set *set, const char *path); // image,split
enum nephos_status data_split_load(struct data_set *set, const char *path);
// As data_split_load, but tolerant: what is wrong with a row goes to the set's log, then `bad_row` is told its line and reading goes on.
// Images without a row keep the split they have.
enum nephos_status data_split_scan(struct data_set *set, const char *path, void (*bad_row)(void *user, uint32_t line), void *user);

// --- streaming (loader.c) ---------------------------------------------------------------------------------------------
// Threads decode, resize and rasterise; at most `prefetch` batches exist at a time, whatever the number of images. Batches come
// in the order asked for, whatever the thread timing.
struct data_loader_params {
    const struct data_set *set;
    const uint32_t *order;  // sample indices; copied
    uint32_t order_count;
    uint32_t batch, height, width;
    uint32_t group;         // samples that belong together, in as many batches as needed, of which the last may be short; 0: batch
    uint32_t threads;       // 0: one per processor
    uint32_t prefetch;      // batches, at least 2; 0: 4
    bool labels;
};
struct data_batch {
    uint32_t count;    // valid samples, the rest of the batch repeats the last valid one
    uint32_t *samples; // [batch] indices into the set
    uint32_t *pixels;  // [batch][height][width]: R | G << 8 | B << 16 | labels << 24
    uint32_t *full_height, *full_width; // [batch] size of the image file
};
struct data_loader;
enum nephos_status data_loader_open(struct nephos_log *log, const struct data_loader_params *params, struct data_loader **loader);
// Blocks for the next batch; *batch NULL at the end. Fails with the first failure of any sample, in order.
enum nephos_status data_loader_next(struct data_loader *loader, struct data_batch **batch);
void data_loader_release(struct data_loader *loader, struct data_batch *batch);
double data_loader_wait_seconds(const struct data_loader *loader); // spent blocked in next so far
void data_loader_close(struct data_loader **loader);

// --- synthetic clouds (synth.c) ---------------------------------------------------------------------------------------
enum nephos_status data_synth(struct nephos_log *log, const struct nephos_synth_params *params);

#endif
