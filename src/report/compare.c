// SPDX-License-Identifier: MIT
#include "report/compare.h"

#include "base/file.h"
#include "report/curves.h"
#include "report/html.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { COLOURS = 4 }; // of curves; runs behind those are dashed

// --- table of scores --------------------------------------------------------------------------------------------------

// Of the best epoch; `higher` and `lower` say which value of a column is marked.
static const struct column {
    const char *title;
    size_t offset;
    enum { PLAIN, HIGHER, LOWER } better;
} columns[] = {
    {"Dice", offsetof(struct history_row, val_dice), HIGHER},         {"IoU", offsetof(struct history_row, val_iou), HIGHER},
    {"accuracy", offsetof(struct history_row, val_accuracy), HIGHER}, {"loss", offsetof(struct history_row, val_loss), PLAIN},
    {"PR-AUC", offsetof(struct history_row, val_pr_auc), HIGHER},     {"training Dice", offsetof(struct history_row, train_dice), PLAIN},
};

static double value_of(const struct compare_run *run, const struct column *column)
{
    const struct history_row *best = history_best(&run->history);
    return best ? *(const double *)((const char *)best + column->offset) : NAN;
}

static double best_of(const struct compare *compare, const struct column *column)
{
    double best = NAN;
    for (uint32_t i = 0; i < compare->run_count && column->better != PLAIN; i++) {
        const double value = value_of(&compare->runs[i], column);
        if (isnan(best) || (column->better == HIGHER ? value > best : value < best)) best = value;
    }
    return best;
}

static void add_value(struct text *text, double value, double best)
{
    if (isnan(value))
        text_add(text, "<td>–</td>");
    else
        text_add(text, value == best ? "<td><b>%.4f</b></td>" : "<td>%.4f</td>", value);
}

static void add_key(struct text *text, uint32_t index)
{
    text_add(text, "<i class=\"%s\" style=\"border-color:var(--series%u)\"></i>", index < COLOURS ? "solid" : "dash", index % COLOURS);
}

static void add_run(struct text *text, const struct compare *compare, uint32_t index)
{
    const struct compare_run *run = &compare->runs[index];
    const struct history_row *best = history_best(&run->history);
    double seconds = 0;
    for (uint32_t i = 0; i < run->history.count; i++)
        seconds += run->history.rows[i].seconds;
    text_add(text, "<tr><th>");
    add_key(text, index);
    text_add_escaped(text, run->name);
    text_add(text, "</th>");
    for (size_t c = 0; c < ARRAY_COUNT(columns); c++)
        add_value(text, value_of(run, &columns[c]), best_of(compare, &columns[c]));
    text_add(text, "<td>%u of %u</td><td>%.1f</td></tr>\n", best ? best->epoch : 0, run->history.count, seconds / 60);
}

static void add_scores(struct text *text, const struct compare *compare)
{
    text_add(text,
             "<h2>Best epoch of each run, on its validation images</h2>\n<div class=\"card scroll\"><table>\n<thead><tr><th>run</th>");
    for (size_t c = 0; c < ARRAY_COUNT(columns); c++)
        text_add(text, "<th>%s</th>", columns[c].title);
    text_add(text, "<th>epoch</th><th>minutes</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < compare->run_count; i++)
        add_run(text, compare, i);
    text_add(text, "</tbody></table></div>\n");
}

// --- curves -----------------------------------------------------------------------------------------------------------

static const struct chart {
    const char *title;
    size_t offset;
    bool share;
} charts[] = {
    {"Validation Dice", offsetof(struct history_row, val_dice), true},
    {"Validation loss", offsetof(struct history_row, val_loss), false},
    {"Training loss", offsetof(struct history_row, train_loss), false},
    {"Learning rate", offsetof(struct history_row, lr), false},
};

static uint32_t last_epoch(const struct compare *compare)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < compare->run_count; i++) {
        const struct history *history = &compare->runs[i].history;
        if (history->count && history->rows[history->count - 1].epoch > last) last = history->rows[history->count - 1].epoch;
    }
    return last;
}

// values[epoch - 1] of one run, NAN where it has no such epoch.
static void gather(const struct history *history, const struct chart *chart, double *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = NAN;
    for (uint32_t i = 0; i < history->count; i++)
        values[history->rows[i].epoch - 1] = *(const double *)((const char *)&history->rows[i] + chart->offset);
}

static void add_chart(struct text *text, const struct compare *compare, const struct chart *chart, const uint32_t *epochs, uint32_t count,
                      double *values)
{
    struct curve curves[COMPARE_MAX];
    for (uint32_t i = 0; i < compare->run_count; i++) {
        curves[i] = (struct curve){compare->runs[i].name, values + (size_t)i * count, i % COLOURS, i >= COLOURS};
        gather(&compare->runs[i].history, chart, values + (size_t)i * count, count);
    }
    text_add(text, "<div class=\"card\">");
    curves_add_svg(text, &(struct curves){chart->title, epochs, count, curves, compare->run_count, chart->share, UINT32_MAX});
    text_add(text, "</div>\n");
}

static void add_charts(struct text *text, const struct compare *compare)
{
    const uint32_t count = last_epoch(compare);
    uint32_t *epochs = malloc(count * sizeof *epochs + 1);
    double *values = malloc((size_t)compare->run_count * count * sizeof *values + 1);
    text->failed |= !epochs || !values;
    for (uint32_t i = 0; i < count && !text->failed; i++)
        epochs[i] = i + 1;
    text_add(text, "<h2>Curves</h2>\n<div class=\"pair\">\n");
    for (size_t c = 0; c < ARRAY_COUNT(charts) && count && !text->failed; c++)
        add_chart(text, compare, &charts[c], epochs, count, values);
    text_add(text, "</div>\n");
    free(epochs);
    free(values);
}

// --- settings ---------------------------------------------------------------------------------------------------------

static void add_settings(struct text *text, const struct compare *compare)
{
    text_add(text, "<h2>Settings that differ</h2>\n");
    if (!compare->setting_count) {
        text_add(text, "<p class=\"note\">None.</p>\n");
        return;
    }
    text_add(text, "<div class=\"card scroll\"><table>\n<thead><tr><th>setting</th>");
    for (uint32_t i = 0; i < compare->run_count; i++) {
        text_add(text, "<th>");
        add_key(text, i);
        text_add_escaped(text, compare->runs[i].name);
        text_add(text, "</th>");
    }
    text_add(text, "</tr></thead>\n<tbody>\n");
    for (uint32_t s = 0; s < compare->setting_count; s++) {
        text_add(text, "<tr><th>%s</th>", compare->settings[s].name);
        for (uint32_t i = 0; i < compare->run_count; i++) {
            text_add(text, "<td>");
            text_add_escaped(text, *compare->settings[s].values[i] ? compare->settings[s].values[i] : "–");
            text_add(text, "</td>");
        }
        text_add(text, "</tr>\n");
    }
    text_add(text, "</tbody></table></div>\n");
}

enum nephos_status compare_write(struct nephos_log *log, const char *path, const struct compare *compare)
{
    struct text text = {0};
    char title[32];
    snprintf(title, sizeof title, "%u runs", compare->run_count);
    html_open(&text, "comparison", title, "", 0);
    add_scores(&text, compare);
    add_charts(&text, compare);
    add_settings(&text, compare);
    html_close(&text);
    const enum nephos_status status = text.failed ? base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for the page", path)
                                                  : base_file_write(log, path, text.bytes, text.size);
    text_free(&text);
    return status;
}
