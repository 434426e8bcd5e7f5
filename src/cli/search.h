// SPDX-License-Identifier: MIT
// evaluate --search.
#ifndef CLI_SEARCH_H
#define CLI_SEARCH_H

#include "app.h"

// Searches, and prints what was found as text or JSON.
enum nephos_status search_run(struct app *app, struct nephos_model *model, const struct nephos_evaluate_params *params, bool store);

#endif
