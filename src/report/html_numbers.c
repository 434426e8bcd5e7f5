// SPDX-License-Identifier: MIT
// Everything of the page that is made of numbers: summary, curves, scores per class, facts.
#include "report/curves.h"
#include "report/html.h"
#include "report/overlay.h"

#include <math.h>
#include <stdlib.h>

static void add_share(struct text *text, double value)
{
    if (isnan(value)) text_add(text, "–");
    else text_add(text, "%.4f", value);
}

static void open_number(struct text *text, const char *label)
{
    text_add(text, "<div class=\"card\"><div class=\"label\">%s</div><div class=\"value\">", label);
}

static void add_number(struct text *text, const char *label, double value, const char *hint)
{
    open_number(text, label);
    add_share(text, value);
    text_add(text, "</div><div class=\"hint\">%s</div></div>\n", hint);
}

static void add_duration(struct text *text, double seconds)
{
    if (seconds < 60) text_add(text, "%.0f s", seconds);
    else if (seconds < 5999.5) text_add(text, "%.0f min", seconds / 60);
    else text_add(text, "%.1f h", seconds / 3600);
}

static void add_effort(struct text *text, const struct history *history)
{
    double seconds = 0, speed = 0, wait = 0;
    for (uint32_t i = 0; i < history->count; i++) {
        seconds += history->rows[i].seconds;
        speed += history->rows[i].images_per_second / history->count;
        wait += history->rows[i].wait_share / history->count;
    }
    open_number(text, "Time");
    add_duration(text, seconds);
    text_add(text, "</div><div class=\"hint\">%u epoch%s</div></div>\n", history->count, history->count == 1 ? "" : "s");
    open_number(text, "Speed");
    text_add(text, "%.3g</div><div class=\"hint\">images/s; %.0f&nbsp;%% of the time waiting for data</div></div>\n", speed, 100 * wait);
}

void html_add_summary(struct text *text, const struct report *report)
{
    const struct history_row *best = history_best(report->history);
    text_add(text, "<section class=\"numbers\">\n");
    if (best) {
        open_number(text, "Best validation Dice");
        add_share(text, best->val_dice);
        text_add(text, "</div><div class=\"hint\">epoch %u of %u</div></div>\n", best->epoch,
                 report->history->rows[report->history->count - 1].epoch);
    }
    if (report->scores) add_number(text, "Predicting nothing", report->scores->predict_nothing, "its Dice: what to beat");
    if (report->scores) add_number(text, "Mean IoU", report->scores->mean_iou, "best model, all pixels");
    if (best) add_number(text, "Pixel accuracy", best->val_accuracy, "validation, best epoch");
    if (report->history->count) add_effort(text, report->history);
    text_add(text, "</section>\n");
}

// --- curves -----------------------------------------------------------------------------------------------------------

enum { SERIES = 10 };

// The rows' columns as arrays: series[k][count].
static void gather(const struct history *history, uint32_t *epochs, double *series)
{
    uint32_t n = history->count;
    for (uint32_t i = 0; i < n; i++) {
        const struct history_row *row = &history->rows[i];
        const double values[SERIES] = {row->train_loss, row->val_loss,       row->val_dice, row->val_iou, row->val_accuracy,
                                       row->train_dice, row->train_iou, row->train_accuracy, row->val_pr_auc, row->val_roc_auc};
        epochs[i] = row->epoch;
        for (uint32_t k = 0; k < SERIES; k++) series[(size_t)k * n + i] = values[k];
    }
}

static void add_charts(struct text *text, const struct history *history, const uint32_t *epochs, const double *series)
{
    size_t n = history->count;
    const struct history_row *best = history_best(history);
    uint32_t best_index = best ? (uint32_t)(best - history->rows) : UINT32_MAX;
    const struct curve loss[] = {{"validation", series + n, 0, false}, {"training", series, 0, true}};
    const struct curve scores[] = {{"Dice", series + 2 * n, 0, false},         {"IoU", series + 3 * n, 1, false},
                                   {"accuracy", series + 4 * n, 2, false},     {"Dice, training", series + 5 * n, 0, true},
                                   {"IoU, training", series + 6 * n, 1, true}, {"accuracy, training", series + 7 * n, 2, true}};
    const struct curve areas[] = {{"PR-AUC", series + 8 * n, 0, false}, {"ROC-AUC", series + 9 * n, 1, false}};
    const struct curves charts[] = {
        {"Loss", epochs, history->count, loss, ARRAY_COUNT(loss), false, best_index},
        {"Dice, IoU and pixel accuracy", epochs, history->count, scores, ARRAY_COUNT(scores), true, best_index},
        {"Classification head, validation", epochs, history->count, areas, ARRAY_COUNT(areas), true, best_index},
    };
    text_add(text, "<h2>Training curves</h2>\n<div class=\"pair\">\n");
    const bool has_head = n && !isnan(history->rows[n - 1].val_pr_auc);
    for (size_t i = 0; i < ARRAY_COUNT(charts) - !has_head; i++) {
        text_add(text, "<div class=\"card\">");
        curves_add_svg(text, &charts[i]);
        text_add(text, "</div>\n");
    }
    text_add(text, "</div>\n");
}

void html_add_curves(struct text *text, const struct report *report)
{
    size_t count = report->history->count;
    if (!count) return;
    uint32_t *epochs = malloc(count * sizeof *epochs);
    double *series = malloc(SERIES * count * sizeof *series);
    if (epochs && series) {
        gather(report->history, epochs, series);
        add_charts(text, report->history, epochs, series);
    } else {
        text->failed = true;
    }
    free(epochs);
    free(series);
}

// --- scores per class -------------------------------------------------------------------------------------------------

static double ratio(uint64_t part, uint64_t other)
{
    return part + other ? (double)part / (double)(part + other) : NAN;
}

static void add_cell(struct text *text, double value, bool bar)
{
    text_add(text, "<td>");
    if (bar && !isnan(value)) text_add(text, "<span class=\"bar\"><i style=\"width:%.1f%%\"></i></span>", 100 * fmin(fmax(value, 0), 1));
    add_share(text, value);
    text_add(text, "</td>");
}

static void add_swatch(struct text *text, uint32_t class_index)
{
    uint8_t rgb[3];
    overlay_colour(class_index, rgb);
    text_add(text, "<span class=\"swatch\" style=\"background:#%02x%02x%02x\"></span>", rgb[0], rgb[1], rgb[2]);
}

static void add_class(struct text *text, const struct report *report, uint32_t c)
{
    const struct nephos_class_scores *scores = &report->scores->classes[c];
    text_add(text, "<tr><th scope=\"row\">");
    add_swatch(text, c);
    text_add_escaped(text, report->classes[c]);
    text_add(text, "</th>");
    add_cell(text, scores->dice, true);
    add_cell(text, scores->predict_nothing, false);
    add_cell(text, scores->iou, true);
    add_cell(text, ratio(scores->tp, scores->fp), false);
    add_cell(text, ratio(scores->tp, scores->fn), false);
    uint64_t pixels = scores->tp + scores->fp + scores->fn + scores->tn;
    text_add(text, "<td>%.1f %%</td></tr>\n", pixels ? 100.0 * (double)(scores->tp + scores->fn) / (double)pixels : 0.0);
}

void html_add_scores(struct text *text, const struct report *report)
{
    if (!report->scores) return;
    text_add(text,
             "<h2>Scores by class</h2>\n<p class=\"note\">On %llu validation images. Dice is the mean over images, where an image without "
             "the class counts 1 if nothing was predicted; the other columns are over all pixels.</p>\n"
             "<div class=\"card scroll\"><table>\n<thead><tr><th>Class</th><th>Dice</th><th>Predicting nothing</th><th>IoU</th>"
             "<th>Precision</th><th>Recall</th><th>Share of pixels</th></tr></thead>\n<tbody>\n",
             (unsigned long long)report->scores->image_count);
    for (uint32_t c = 0; c < report->class_count; c++) add_class(text, report, c);
    text_add(text, "<tr class=\"total\"><th scope=\"row\">All classes</th>");
    add_cell(text, report->scores->dice, true);
    add_cell(text, report->scores->predict_nothing, false);
    add_cell(text, report->scores->mean_iou, true);
    text_add(text, "<td></td><td></td><td></td></tr>\n</tbody></table></div>\n");
}

// --- facts ------------------------------------------------------------------------------------------------------------

static void add_group(struct text *text, const struct report_facts *group)
{
    text_add(text, "<div class=\"card\"><h3>");
    text_add_escaped(text, group->title);
    text_add(text, "</h3><table>\n");
    for (uint32_t i = 0; i < group->count; i++) {
        text_add(text, "<tr><th scope=\"row\">");
        text_add_escaped(text, group->facts[i].name);
        text_add(text, "</th><td>");
        text_add_escaped(text, group->facts[i].value);
        text_add(text, "</td></tr>\n");
    }
    text_add(text, "</table></div>\n");
}

void html_add_facts(struct text *text, const struct report *report)
{
    if (!report->fact_count) return;
    text_add(text, "<h2>About this run</h2>\n<div class=\"facts\">\n");
    for (uint32_t i = 0; i < report->fact_count; i++) add_group(text, &report->facts[i]);
    text_add(text, "</div>\n");
}
