// SPDX-License-Identifier: MIT
#include "train/rows.h"

#include "base/file.h"

#include <math.h>
#include <stdlib.h>

void rows_init(struct rows *rows)
{
    *rows = (struct rows){.steps = {.header = "step,epoch,loss,lr,grad_norm,loss_scale\n"},
                          .classes = {.header = "epoch,class,pr_auc,roc_auc\n"}};
}

void rows_free(struct rows *rows)
{
    row_log_free(&rows->steps);
    row_log_free(&rows->classes);
}

void rows_add_step(struct rows *rows, const struct rows_step *step)
{
    row_log_add(&rows->steps, "%llu,%u,%.9g,%.9g,%.9g,%.9g\n", (unsigned long long)step->step, step->epoch, (double)step->loss,
                (double)step->lr, (double)step->grad_norm, (double)step->loss_scale);
}

static void add_area(struct row_log *log, double area, const char *behind)
{
    if (isnan(area))
        row_log_add(log, "nan%s", behind); // printf may write "-nan"
    else
        row_log_add(log, "%.9g%s", area, behind);
}

void rows_add_classes(struct rows *rows, uint32_t epoch, const char *const *classes, const struct ranking *ranking)
{
    for (uint32_t c = 0; c < ranking->class_count; c++) {
        const struct ranking_areas areas = ranking_class(ranking, c);
        row_log_add(&rows->classes, "%u,\"%s\",", epoch, classes[c]);
        add_area(&rows->classes, areas.pr, ",");
        add_area(&rows->classes, areas.roc, "\n");
    }
}

struct place {
    struct row_log *rows;
    const char *name;
    uint64_t last;
};

static enum nephos_status each(struct nephos_log *log, const char *folder, const struct place *place, bool save)
{
    char *path = base_format("%s/%s", folder, place->name);
    if (!path) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", folder);
    const enum nephos_status status = save ? row_log_save(log, path, place->rows) : row_log_rewind(log, path, place->last, place->rows);
    free(path);
    return status;
}

static enum nephos_status both(struct nephos_log *log, const char *folder, struct rows *rows, uint64_t steps, uint32_t epoch, bool save)
{
    const enum nephos_status status = each(log, folder, &(struct place){&rows->steps, "steps.csv", steps}, save);
    return status == NEPHOS_OK ? each(log, folder, &(struct place){&rows->classes, "classes.csv", epoch}, save) : status;
}

enum nephos_status rows_save(struct nephos_log *log, const char *folder, struct rows *rows)
{
    return both(log, folder, rows, 0, 0, true);
}

enum nephos_status rows_rewind(struct nephos_log *log, const char *folder, uint64_t steps, uint32_t epoch, struct rows *rows)
{
    return both(log, folder, rows, steps, epoch, false);
}
