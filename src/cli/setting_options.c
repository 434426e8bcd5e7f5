// SPDX-License-Identifier: MIT
#include "setting_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *value_word(const struct nephos_setting_info *info)
{
    if (!strcmp(info->type, "bool")) return NULL;
    if (info->choices) return info->choices;
    if (!strcmp(info->type, "int")) return "N";
    if (!strcmp(info->type, "float")) return "X";
    return !strcmp(info->type, "path") ? "PATH" : "TEXT";
}

bool setting_options_list(struct setting_options *options, const struct option *own, size_t own_count, struct nephos_config *config,
                          bool (*wanted)(const char *name))
{
    struct nephos_setting_info info;
    size_t settings = 0;
    while (nephos_config_setting(settings, &info))
        settings++;
    options->rows = calloc(settings + own_count, sizeof *options->rows);
    options->help = calloc(settings, sizeof *options->help);
    if (!options->rows || !options->help) return false;
    for (size_t i = 0; i < own_count; i++)
        options->rows[options->count++] = own[i];
    for (size_t i = 0; i < settings && nephos_config_setting(i, &info); i++) {
        bool tell = *info.default_value && strcmp(info.type, "bool");
        if (wanted && !wanted(info.name)) continue;
        snprintf(options->help[i], SETTING_HELP, tell ? "%s (default %s)" : "%s", info.help, info.default_value);
        options->rows[options->count++] = (struct option){info.name, OPTION_SETTING, config, value_word(&info), options->help[i]};
    }
    return true;
}

void setting_options_free(struct setting_options *options)
{
    free(options->rows);
    free(options->help);
    *options = (struct setting_options){0};
}
