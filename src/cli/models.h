// SPDX-License-Identifier: MIT
// The models that --model names: one, or an ensemble.
#ifndef CLI_MODELS_H
#define CLI_MODELS_H

#include "app.h"
#include "options.h"

struct models {
    struct nephos_model **items;
    size_t count;
};
enum nephos_status models_load(struct app *app, const struct option_list *paths, const char *precision, struct models *models);
void models_free(struct models *models);

#endif
