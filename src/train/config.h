// SPDX-License-Identifier: MIT
// The settings in force: defaults, then a file, then what was set by name.
#ifndef TRAIN_CONFIG_H
#define TRAIN_CONFIG_H

#include "train/setting.h"

// All settings as a plain struct; its texts point into `config`.
enum nephos_status config_read(const struct nephos_config *config, struct train_settings *settings);
// The same; fails when "data" or "out" is missing.
enum nephos_status config_resolve(const struct nephos_config *config, struct train_settings *settings);

// Every setting in force, in the format that nephos_config_load reads; counts that were "auto" as what they came to in `settings`.
enum nephos_status config_save(const struct nephos_config *config, const struct train_settings *settings, const char *path);

#endif
