// SPDX-License-Identifier: MIT
// The table of checks.
#include "check/check.h"

#include <string.h>

#define CHECK(name) extern const struct check_op check_##name;
#include "check/checks.def"
#undef CHECK

const struct check_op *const check_table[] = {
#define CHECK(name) &check_##name,
#include "check/checks.def"
#undef CHECK
    NULL,
};

const struct check_op *check_find(const char *op)
{
    for (const struct check_op *const *row = check_table; *row; row++) {
        if (strcmp((*row)->op, op) == 0) return *row;
    }
    return NULL;
}
