// SPDX-License-Identifier: MIT
// A data set in the folder "set" of the test's folder.
#ifndef TESTS_ANALYZE_MAKE_SET_H
#define TESTS_ANALYZE_MAKE_SET_H

#include <stdint.h>

#define HEADER "Image_Label,EncodedPixels\n"

// folder_setup, and an empty folder set/images.
void analyze_setup(void);
// A file of the set.
void analyze_write_text(const char *name, const char *text);
// An RGB picture set/images/NAME of stripes that depend on `seed`; brightness `level` to twice that.
void analyze_write_picture(const char *name, uint32_t height, uint32_t width, uint32_t seed, uint8_t level);

#endif
