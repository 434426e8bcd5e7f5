// SPDX-License-Identifier: MIT
// A small labelled set of PNG files of many sizes. Needs no test framework; aborts when it can't be made.
#ifndef COMMON_PICTURES_H
#define COMMON_PICTURES_H

#include "data/data.h"

// Sample i is (20 + 7 i % 31) x (25 + 5 i % 43), grey where i % 3 == 2, with three exclusive classes.
struct data_set *pictures_create(struct nephos_log *log, const char *folder, uint32_t count);
void pictures_free(struct data_set *set); // keeps the files
uint32_t pictures_height(uint32_t i);
uint32_t pictures_width(uint32_t i);

#endif
