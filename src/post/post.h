// SPDX-License-Identifier: MIT
// What is done to a mask after the threshold: holes filled, small components dropped, the rest brought into a shape. Host only.
#ifndef POST_H
#define POST_H

#include "base/status.h"

// --- components.c -----------------------------------------------------------------------------------------------------
enum post_connectivity { POST_4 = 4, POST_8 = 8 }; // neighbours of a pixel: with an edge in common, or also with a corner

struct post_components {
    uint32_t *labels; // [height * width]: 1..count in the order of each component's first pixel, row by row; 0: belongs to none
    uint32_t count;
};
// Labels the connected components of the pixels that are set, or with `set` false of those that are not. *components is to be freed with
// post_components_free.
enum nephos_status post_components_find(struct nephos_log *log, const uint8_t *mask, uint32_t height, uint32_t width, bool set,
                                        enum post_connectivity connectivity, struct post_components *components);
void post_components_free(struct post_components *components);

// --- holes.c, area.c, shape.c: mask[height * width] of 0 and 1, changed in place ---------------------------------------
// Sets what is not set and has no way to the border: pixels that share an edge are a way, a common corner is none.
enum nephos_status post_fill_holes(struct nephos_log *log, uint8_t *mask, uint32_t height, uint32_t width);
// Clears 8-connected components of less than `area` pixels, where the whole mask counts as `frame` pixels (0: as many as it has).
enum nephos_status post_drop_small(struct nephos_log *log, uint8_t *mask, uint32_t height, uint32_t width, uint64_t area, uint64_t frame);
enum post_shape { POST_SHAPE_NONE, POST_SHAPE_CONVEX, POST_SHAPE_RECTANGLE };
// Sets all pixels whose centre lies in the convex hull of the pixel centres of an 8-connected component, or in its bounding rectangle with
// upright sides.
enum nephos_status post_set_shape(struct nephos_log *log, uint8_t *mask, uint32_t height, uint32_t width, enum post_shape shape);

// --- rule.c -----------------------------------------------------------------------------------------------------------
struct post_rule {
    uint64_t min_area; // components of fewer pixels are dropped, counted as if the mask had `frame` pixels
    uint64_t frame;
    enum post_shape shape;
    bool fill_holes;
    float threshold;       // probability from which a pixel counts as set
    float class_threshold; // the mask stays empty where the class is less probable than that
};
// `shape`: "none" (NULL too), "convex" or "rectangle"; NEPHOS_ERROR_ARGUMENT for any other name.
enum nephos_status post_shape_parse(struct nephos_log *log, const char *shape, enum post_shape *parsed);
// The names that post_shape_parse reads.
const char *post_shape_name(enum post_shape shape);
// Fills holes, drops what is small then, and shapes what is left, as the rule says, in each of masks[count][height * width].
enum nephos_status post_masks(struct nephos_log *log, const struct post_rule *rule, uint8_t *masks, uint32_t count, uint32_t height,
                              uint32_t width);
// All of the rule for one class: probs[height * width] become mask[height * width] of 0 and 1. `class_prob`: how probable the class is in
// the image.
enum nephos_status post_mask(struct nephos_log *log, const struct post_rule *rule, const float *probs, float class_prob, uint32_t height,
                             uint32_t width, uint8_t *mask);

#endif
