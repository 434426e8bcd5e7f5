// SPDX-License-Identifier: MIT
// What a model file says of itself: enough to predict with it and nothing else at hand.
#ifndef TRAIN_META_H
#define TRAIN_META_H

#include "data/safetensors.h"
#include "post/post.h"
#include "train/network.h"

struct meta {
    char *arch, *encoder;
    uint32_t encoder_width, height, width;
    char **classes;
    uint32_t class_count;
    bool exclusive;
    bool class_head; // the network also tells which classes an image has
    float threshold;
    float mean[3], std[3];
    struct post_rule *rules; // [class_count], what evaluation and prediction do then; or NULL
};
void meta_free(struct meta *meta);
// A deep copy of the parts; the ImageNet mean and deviation that published encoders expect.
enum nephos_status meta_make(struct nephos_log *log, const struct train_settings *settings, const char *const *classes,
                             uint32_t class_count, bool exclusive, struct meta *meta);
// From and to the metadata of a model file. Every failure names the file.
enum nephos_status meta_read(const struct safetensors *file, struct meta *meta);
// key, value, key, value ... malloc'ed strings; *count pairs.
enum nephos_status meta_write(struct nephos_log *log, const struct meta *meta, char ***pairs, uint32_t *count);
void meta_free_pairs(char **pairs, uint32_t count);
// meta_rules.c. The rules of `meta` from the metadata of its file, where there are any.
enum nephos_status meta_rules_read(const struct safetensors *file, struct meta *meta);
// Gives the file a copy of itself in which `rules` [class_count] are part of the metadata.
enum nephos_status meta_rules_store(struct nephos_log *log, const char *path, const struct post_rule *rules, uint32_t class_count);
// One network of this model; `label_index` and `loss` are left to the caller.
struct network_spec meta_spec(const struct meta *meta, enum network_purpose purpose, uint32_t batch);
// Fails unless both describe the same network and classes; `path` and what differs are named.
enum nephos_status meta_expect(struct nephos_log *log, const char *path, const struct meta *found, const struct meta *wanted);

#endif
