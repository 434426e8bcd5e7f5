// SPDX-License-Identifier: MIT
// Run-length codes inside the data folder; the general functions are in data.h.
#ifndef DATA_RLE_H
#define DATA_RLE_H

#include "base/status.h"

// Checks a text against a frame of `pixels` pixels (UINT64_MAX: only its form).
enum nephos_status data_rle_check(struct nephos_log *log, const char *where, const char *text, uint64_t pixels);
// Sets `bits` in labels[height * width] (row-major) where the text says so; changes nothing when the text is wrong.
enum nephos_status data_rle_mark(struct nephos_log *log, const char *where, const char *text, uint32_t height, uint32_t width, uint8_t bits,
                                 uint8_t *labels);

#endif
