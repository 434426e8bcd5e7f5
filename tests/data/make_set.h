// SPDX-License-Identifier: MIT
// Small data sets for tests, made in the test's folder.
#ifndef TESTS_DATA_MAKE_SET_H
#define TESTS_DATA_MAKE_SET_H

#include "data/data.h"

// Writes text into a file of the folder, making folders on the way ("images/a.jpg").
void make_file(const char *name, const char *text);
// An 8-bit grey PNG with these values.
void make_png(const char *name, const uint8_t *pixels, uint32_t height, uint32_t width);
// Opens the test's folder itself as a data set; fails the test when that fails.
struct data_set *open_set(void);
// Expects that opening fails with NEPHOS_ERROR_DATA and that the message contains `text`.
void expect_open_fails(const char *text);

#endif
