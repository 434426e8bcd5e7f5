// SPDX-License-Identifier: MIT
#include "progress.h"

#include "signals.h"
#include "terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REDRAW_SECONDS 0.1
#define LINE_SECONDS 10.0
#define BAR_CELLS 16

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// "1:02:03" or "2:03".
static const char *clock_text(double seconds, char text[32])
{
    if (!(seconds >= 0) || seconds > 1e8) return strcpy(text, "-:--");
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s >= 3600) snprintf(text, 32, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else snprintf(text, 32, "%lu:%02lu", s / 60, s % 60);
    return text;
}

static const char *phase_name(enum nephos_phase phase)
{
    switch (phase) {
    case NEPHOS_PHASE_TRAIN: return "train";
    case NEPHOS_PHASE_VALIDATE: return "validate";
    case NEPHOS_PHASE_PREDICT: return "predict";
    case NEPHOS_PHASE_ANALYZE: return "analyze";
    case NEPHOS_PHASE_OTHER: break;
    }
    return "working";
}

static void bar_text(const struct nephos_progress *r, char *text)
{
    uint64_t filled = r->total ? r->done * BAR_CELLS / r->total : 0;
    text[0] = '[';
    for (unsigned i = 0; i < BAR_CELLS; i++) text[1 + i] = i < filled ? '#' : '.';
    strcpy(text + 1 + BAR_CELLS, "] ");
}

static void step_text(const struct nephos_progress *r, char *line, size_t size)
{
    char bar[BAR_CELLS + 4] = "", left[32], epoch[48] = "", loss[32] = "";
    double rate = r->seconds > 0 ? (double)r->done / r->seconds : 0;
    if (terminal_live()) bar_text(r, bar);
    if (r->epoch) snprintf(epoch, sizeof epoch, "epoch %u/%u ", r->epoch, r->epoch_count);
    if (isfinite(r->loss)) snprintf(loss, sizeof loss, ", loss %.4f", r->loss);
    clock_text(rate > 0 ? (double)(r->total - r->done) / rate : -1, left);
    snprintf(line, size, "%s%s %s%llu/%llu, %.1f images/s, %s left%s", epoch, phase_name(r->phase), bar, (unsigned long long)r->done,
             (unsigned long long)r->total, rate, left, loss);
}

static void draw_step(struct progress *progress, const struct nephos_progress *r)
{
    double time = now();
    if (time - progress->drawn < (terminal_live() ? REDRAW_SECONDS : LINE_SECONDS)) return;
    progress->drawn = time;
    char line[256];
    step_text(r, line, sizeof line);
    if (terminal_live()) terminal_status(line);
    else terminal_message("%s", line);
}

static void print_epoch(struct progress *progress, const struct nephos_progress *r)
{
    char left[32];
    double per_epoch = (now() - progress->began) / (r->epoch - progress->first_epoch + 1);
    char areas[32] = "";
    if (isfinite(r->val_pr_auc)) snprintf(areas, sizeof areas, ", PR-AUC %.4f", r->val_pr_auc);
    terminal_message("epoch %u/%u: train loss %.4f, Dice %.4f | validation loss %.4f, Dice %.4f, IoU %.4f%s%s | %.1f images/s | %s left",
                     r->epoch, r->epoch_count, r->train_loss, r->train_dice, r->val_loss, r->val_dice, r->val_iou, areas,
                     r->best ? " (best)" : "",
                     r->images_per_second, clock_text(per_epoch * (r->epoch_count - r->epoch), left));
    if (!r->best) return;
    progress->best_epoch = r->epoch;
    progress->best_dice = r->val_dice;
}

bool progress_report(void *user, const struct nephos_progress *report)
{
    struct progress *progress = user;
    if (!progress->first_epoch && report->epoch) progress->first_epoch = report->epoch;
    if (!progress->began) progress->began = progress->drawn = now();
    if (report->epoch_end) print_epoch(progress, report);
    else draw_step(progress, report);
    return !signals_stop_asked();
}

void progress_end(void) { terminal_status(""); }
