// SPDX-License-Identifier: MIT
// What is known of one image and its masks after decoding them once; sums and counts are whole numbers, so that their order does not
// matter.
#ifndef ANALYZE_MEASURE_H
#define ANALYZE_MEASURE_H

#include "analyze/defect.h"
#include "data/data.h"

enum {
    GRID_ROWS = 16,
    GRID_COLUMNS = 24, // of the maps over an image
    LOOK_ROWS = 16,
    LOOK_COLUMNS = 18, // of the reduced image by which alike ones are found
    BLACK_LEVEL = 10,  // no data: all channels at most this
    LEVELS = 256
};
enum channel { RED, GREEN, BLUE, BRIGHTNESS, CHANNELS };

struct measure_mask {
    uint64_t area;       // pixels; 0: the class is not there
    uint32_t components; // 8-connected
    double row, column;  // centre of mass, 0..1 of the image's height and width
};
// How an image looks, to compare it with others.
struct look {
    uint64_t content[2];                     // of all pixels: equal for equal images
    uint64_t hash;                           // dHash: a bit per pair of neighbours in 8 rows of 9, set where the right one is brighter
    uint8_t cells[LOOK_ROWS * LOOK_COLUMNS]; // mean brightness
};
struct measure {
    bool readable; // else all but the defects is empty
    bool grey;
    uint32_t height, width;
    uint32_t levels[CHANNELS][LEVELS]; // pixels of each value
    uint64_t black;
    struct look look;
    bool labelled;              // masks could be read, each that is not a defect
    uint64_t ignored;           // pixels of 255 in a mask of indices
    struct measure_mask *masks; // [class_count]
    uint32_t *cover;            // [class_count][GRID_ROWS][GRID_COLUMNS] pixels of the class
    struct defects defects;
};

enum nephos_status measure_create(struct nephos_log *log, uint32_t class_count, struct measure *measure);
void measure_free(struct measure *measure);
// Measures one sample; what is wrong with it becomes a defect of the measure. Fails when memory is out, only. `set->log` receives what the
// readers say and is used by this thread alone.
enum nephos_status measure_sample(const struct data_set *set, uint32_t sample, struct measure *measure);

// --- parts ------------------------------------------------------------------------------------------------------------
void measure_colours(const struct data_image *image, struct measure *measure);                          // measure_colours.c
enum nephos_status measure_masks(const struct data_set *set, uint32_t sample, struct measure *measure); // measure_masks.c
// Labels of a sample in its image's size, as data_set_labels, but parts that are wrong are left out and become defects. *present: false
// where nothing could be read.
enum nephos_status measure_labels(const struct data_set *set, uint32_t sample, uint32_t height, uint32_t width, uint8_t *labels,
                                  struct defects *defects, bool *present); // measure_labels.c
// Path of a file of the set in the set's folder.
const char *measure_relative(const struct data_set *set, const char *path);

#endif
