// SPDX-License-Identifier: MIT
// Figures of a whole data set, gathered image by image. Their size depends on the classes; beside that, a few hundred bytes an image.
#ifndef ANALYZE_FIGURES_H
#define ANALYZE_FIGURES_H

#include "analyze/measure.h"

enum {
    SHARE_BINS = 20,     // of shares 0..1
    COMPONENT_BINS = 10, // 1, 2 ... , the last: that many or more
    SET_LIMIT = 256,     // sets of classes that are told apart
    SIZE_LIMIT = 64,     // sizes that are told apart
    SPLITS = DATA_NONE + 1
};

struct figures_class {
    uint64_t images, by_split[SPLITS];
    uint64_t component_count, components[COMPONENT_BINS];
    uint64_t areas[SHARE_BINS]; // images by the share of the image that the class covers
    double area_sum;            // of those shares
    double area_median;         // NAN without an image
    float *shares;              // [images]
    size_t share_capacity;
    uint64_t centres[GRID_ROWS][GRID_COLUMNS]; // images by the mask's centre of mass
    double cover[GRID_ROWS][GRID_COLUMNS];     // sum over images of the share of the cell that is covered
};
struct figures_set {
    uint64_t bits[4]; // class c: bit c % 64 of bits[c / 64]
    uint64_t images;
};
struct figures_size {
    uint32_t height, width;
    uint64_t images;
};
struct figures_image {
    uint16_t height, width; // 0: can't be read
    uint16_t set;           // index of its set of classes, SET_LIMIT: none, or not told apart
    struct look look;
};
struct figures {
    uint32_t class_count;
    struct figures_class *classes;
    struct figures_image *images; // one per sample
    uint32_t image_count, readable, labelled, grey;
    uint32_t by_split[SPLITS];
    uint64_t pixels, ignored;
    uint64_t levels[CHANNELS][LEVELS];
    double contrast;                 // sum over images of the standard deviation of brightness, 0..1
    uint64_t brightness[SHARE_BINS]; // images by mean brightness, 0..1
    uint64_t black[SHARE_BINS];      // images by their black share
    double black_sum;
    uint64_t half_black;                // images with more than half of it
    uint64_t *masks_per_image;          // [class_count + 1] labelled images
    uint64_t *together;                 // [class_count][class_count] images with both
    struct figures_set sets[SET_LIMIT]; // the most frequent first, once figures_end is through
    uint32_t set_count;
    uint64_t other_sets;                   // images whose set is not told apart
    struct figures_size sizes[SIZE_LIMIT]; // the most frequent first, once figures_end is through
    uint32_t size_count;
    uint64_t other_sizes;
};

enum nephos_status figures_create(struct nephos_log *log, const struct data_set *set, struct figures **figures);
enum nephos_status figures_add(struct nephos_log *log, struct figures *figures, const struct data_set *set, uint32_t sample,
                               const struct measure *measure);
// Medians, and the order of sets and sizes.
void figures_end(struct figures *figures);
void figures_destroy(struct figures **figures);

// Mean and standard deviation of a channel over all pixels, 0..1; NAN without pixels.
double figures_mean(const struct figures *figures, enum channel channel);
double figures_deviation(const struct figures *figures, enum channel channel);

#endif
