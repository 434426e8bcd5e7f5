// SPDX-License-Identifier: MIT
// What the files of the data set share; the interface for everyone else is data.h.
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/data.h"

// An empty set for a folder.
enum nephos_status data_set_new(struct nephos_log *log, const char *root, struct data_set **set);

// Each fills in classes, samples (sorted by name) and `exclusive`, or fails and leaves the rest to data_set_close.
enum nephos_status data_set_read_competition(struct data_set *set, const char *csv_path);
enum nephos_status data_set_read_generic(struct data_set *set);

// Parts of reading the competition's layout. Splits "0011165.jpg_Fish" at its last underscore, in place.
struct csv;
enum nephos_status data_label_split(const struct csv *csv, char *label, char **class_name);
// One pair of tables for all samples, every cell empty; each sample gets its slice.
enum nephos_status data_rle_tables_allocate(struct data_set *set);
// All names in images/ or train_images/, and which of the two it is (to be freed, also after a failure).
struct data_names;
enum nephos_status data_images_list(struct data_set *set, char **folder, struct data_names *files);

// classes.txt: one name a line, the line's number is the class's index.
enum { DATA_MAX_OVERLAPPING = 8, DATA_MAX_EXCLUSIVE = 255 };
enum nephos_status data_classes_read(struct data_set *set, const char *path, uint32_t limit);
// `name` is copied. `where` stands in front of the message.
enum nephos_status data_classes_add(struct data_set *set, const char *where, const char *name, uint32_t limit);
// Index of a class, class_count when there is none of that name.
uint32_t data_classes_find(const struct data_set *set, const char *name);

// Names in a folder, sorted bytewise, hidden files and folders left out.
struct data_names {
    char **names;
    uint32_t count;
};
enum nephos_status data_names_list(struct nephos_log *log, const char *folder, bool (*wanted)(const char *name), struct data_names *names);
bool data_names_contain(const struct data_names *names, const char *name);
void data_names_free(struct data_names *names);
bool data_is_image_name(const char *name); // .jpg, .jpeg, .png in any case
bool data_is_png_name(const char *name);

// Length of the name without its extension.
size_t data_stem_length(const char *name);
// Compares without extensions.
int data_stem_compare(const char *a, const char *b);

// Allocates `count` empty samples.
enum nephos_status data_samples_allocate(struct data_set *set, uint32_t count);
// Copies the name and makes the path "folder/name".
enum nephos_status data_sample_name(struct data_set *set, struct data_sample *sample, const char *folder, const char *name);

#endif
