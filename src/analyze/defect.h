// SPDX-License-Identifier: MIT
// What is wrong with a data set: each defect with file and row.
#ifndef ANALYZE_DEFECT_H
#define ANALYZE_DEFECT_H

#include "base/status.h"

// Names, and whether a training refuses such a set, are in defect.c.
enum defect_kind {
    DEFECT_ROW,   // of a CSV file that can't be taken apart
    DEFECT_LABEL, // no FILE_CLASS
    DEFECT_CLASS, // not in classes.txt, or no allowed name
    DEFECT_DUPLICATE_ROW,
    DEFECT_MISSING_IMAGE,
    DEFECT_IMAGE,     // can't be decoded
    DEFECT_RLE,       // no run-length code
    DEFECT_RLE_RANGE, // goes beyond the image
    DEFECT_MISSING_MASK,
    DEFECT_MASK,       // can't be decoded
    DEFECT_MASK_SIZE,  // is not its image's
    DEFECT_MASK_VALUE, // no class
    DEFECT_SAME_NAME,  // two files, told apart by the extension alone
    DEFECT_SPLIT_ROW,
    DEFECT_SPLIT_MISSING,   // no row of split.csv for an image
    DEFECT_UNUSED_IMAGE,    // without a row
    DEFECT_UNUSED_MASK,     // without an image
    DEFECT_ODD_SIZE,        // where nearly all others share one
    DEFECT_BLACK,           // image without any content
    DEFECT_BLACK_AND_WHITE, // mask of 0 and 255, where 255 is ignored
    DEFECT_LEAK,            // the same or nearly the same image on both sides of a split
    DEFECT_KINDS
};

struct defect {
    enum defect_kind kind;
    char *file;    // in the data set's folder; owned, as is the text
    uint32_t line; // 0: the file as a whole
    char *text;
};
struct defects { // zeroed: empty
    struct defect *items;
    size_t count, capacity;
    uint64_t counts[DEFECT_KINDS];
    bool failed; // memory is out: later additions do nothing; asked at the end
};

const char *defect_name(enum defect_kind kind);  // "duplicate-row"
const char *defect_title(enum defect_kind kind); // "Rows that are there twice"
bool defect_is_error(enum defect_kind kind);     // else a warning: a training goes on

void defects_add(struct defects *defects, enum defect_kind kind, const char *file, uint32_t line, const char *format, ...)
    NEPHOS_PRINTF(5, 6);
// An error message of the library, without the path and line in front of it that it may have.
void defects_add_message(struct defects *defects, enum defect_kind kind, const char *file, uint32_t line, const char *path,
                         const char *message);
// Appends all of `from`, which is empty then.
void defects_move(struct defects *to, struct defects *from);
uint64_t defects_errors(const struct defects *defects);
uint64_t defects_warnings(const struct defects *defects);
void defects_free(struct defects *defects);

#endif
