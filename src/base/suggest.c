// SPDX-License-Identifier: MIT
// "Did you mean": the known name with the least edit distance.
#include "base/status.h"

#include <string.h>

#define LONGEST_NAME 63

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

// Levenshtein distance, one row of the table at a time.
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[LONGEST_NAME + 1], width = strlen(b);
    for (size_t j = 0; j <= width; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= width; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[width];
}

const char *nephos_suggest(const char *word, const char *const *names, size_t count)
{
    if (!word || !names || strlen(word) > LONGEST_NAME) return NULL;
    // A third of the letters may be wrong: "epoch" finds "epochs", "foo" finds nothing.
    size_t best = strlen(word) / 3 + 2;
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!names[i] || strlen(names[i]) > LONGEST_NAME) continue;
        bool begins = strlen(word) > 2 && !strncmp(word, names[i], strlen(word)); // "eval" for "evaluate"
        size_t distance = begins ? 1 : edit_distance(word, names[i]);
        if (distance < best) {
            best = distance;
            found = names[i];
        }
    }
    return found;
}
