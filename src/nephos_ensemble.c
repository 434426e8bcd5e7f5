// SPDX-License-Identifier: MIT
// Models whose probabilities are averaged, as parameters of prediction and evaluation name them.
#include "nephos_internal.h"
#include "train/views.h"

enum nephos_status ensemble_start(struct nephos_model *model, struct nephos_model *const *others, size_t other_count, const char *tta,
                                  struct views *views)
{
    enum nephos_status status = views_start(model->predictor, tta, views);
    for (size_t i = 0; i < other_count && status == NEPHOS_OK; i++) {
        if (!others || !others[i]) return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "ensemble: model %zu is NULL", i + 1);
        status = views_add(views, others[i]->predictor);
    }
    return status;
}
