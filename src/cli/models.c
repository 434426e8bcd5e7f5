// SPDX-License-Identifier: MIT
#include "models.h"

#include "terminal.h"

#include <stdlib.h>

enum nephos_status models_load(struct app *app, const struct option_list *paths, const char *precision, struct models *models)
{
    enum nephos_status status = NEPHOS_OK;
    models->items = calloc(paths->count, sizeof *models->items);
    if (!models->items) {
        terminal_error("out of memory");
        return NEPHOS_ERROR_MEMORY;
    }
    for (size_t i = 0; i < paths->count && status == NEPHOS_OK; i++) {
        status = nephos_model_load(app->device, paths->items[i], &models->items[i]);
        if (status == NEPHOS_OK) models->count++;
        if (status == NEPHOS_OK) status = nephos_model_set_precision(models->items[i], precision);
    }
    return status;
}

void models_free(struct models *models)
{
    for (size_t i = 0; i < models->count; i++)
        nephos_model_destroy(&models->items[i]);
    free(models->items);
    *models = (struct models){0};
}
