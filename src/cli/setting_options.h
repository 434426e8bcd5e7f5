// SPDX-License-Identifier: MIT
// Options of a command that are settings of the library.
#ifndef CLI_SETTING_OPTIONS_H
#define CLI_SETTING_OPTIONS_H

#include "options.h"

#define SETTING_HELP 512

struct setting_options {
    struct option *rows; // first those of the command, then a row per setting
    size_t count;
    char (*help)[SETTING_HELP]; // of each setting
};
// Appends the settings that `wanted` (NULL: all) says yes to; to be freed, after a failure too. False: memory is out.
bool setting_options_list(struct setting_options *options, const struct option *own, size_t own_count, struct nephos_config *config,
                          bool (*wanted)(const char *name));
void setting_options_free(struct setting_options *options);

#endif
