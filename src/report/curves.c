// SPDX-License-Identifier: MIT
#include "report/curves.h"

#include <math.h>

// The picture's own coordinates; it scales to any width.
enum { WIDTH = 560, HEIGHT = 340, LEFT = 52, RIGHT = 14, TOP = 70, BOTTOM = 40, LEGEND_COLUMNS = 3, MAX_POINTS = 400 };

struct frame { // what the axes show
    double x_low, x_high, y_low, y_high, y_step;
};

double curves_step(double low, double high, uint32_t wanted)
{
    double rough = (high - low) / wanted;
    if (!(rough > 0) || !isfinite(rough)) return 1;
    double power = pow(10, floor(log10(rough))), lead = rough / power;
    return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static void find_range(const struct curves *curves, double *low, double *high)
{
    *low = INFINITY, *high = -INFINITY;
    for (uint32_t c = 0; c < curves->curve_count; c++)
        for (uint32_t i = 0; i < curves->count; i++) {
            double value = curves->curves[c].values[i];
            if (!isfinite(value)) continue;
            *low = fmin(*low, value);
            *high = fmax(*high, value);
        }
    if (*low > *high) *low = 0, *high = 1;
}

static struct frame make_frame(const struct curves *curves)
{
    struct frame frame = {.x_low = 0, .x_high = 1};
    if (curves->count) frame.x_low = curves->epochs[0], frame.x_high = curves->epochs[curves->count - 1];
    if (frame.x_low == frame.x_high) frame.x_low -= 0.5, frame.x_high += 0.5;
    double low, high;
    find_range(curves, &low, &high);
    if (low > 0 && low < high / 2) low = 0; // an honest zero where it costs little
    double margin = fmax(high - low, 1e-3 * fmax(fabs(high), 1e-3)) * 0.04;
    low = low == 0 ? 0 : low - margin;
    high += margin;
    if (curves->share) low = fmax(low, 0), high = fmin(high, 1);
    if (low >= high) low = high - 0.1; // all values are 1
    frame.y_step = curves_step(low, high, 5);
    frame.y_low = floor(low / frame.y_step + 1e-9) * frame.y_step;
    frame.y_high = ceil(high / frame.y_step - 1e-9) * frame.y_step;
    return frame;
}

static double x_at(const struct frame *frame, double epoch)
{
    return LEFT + (epoch - frame->x_low) / (frame->x_high - frame->x_low) * (WIDTH - LEFT - RIGHT);
}

static double y_at(const struct frame *frame, double value)
{
    return HEIGHT - BOTTOM - (value - frame->y_low) / (frame->y_high - frame->y_low) * (HEIGHT - TOP - BOTTOM);
}

static void add_axes(struct text *text, const struct frame *frame)
{
    int digits = frame->y_step < 1 ? (int)ceil(-log10(frame->y_step) - 1e-9) : 0;
    uint32_t steps = (uint32_t)lround((frame->y_high - frame->y_low) / frame->y_step);
    for (uint32_t i = 0; i <= steps; i++) {
        double value = frame->y_low + i * frame->y_step, y = y_at(frame, value);
        text_add(text, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, y, y);
        text_add(text, "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.*f</text>\n", LEFT - 8, y + 4, digits, value + 0.0);
    }
    double step = fmax(1, curves_step(frame->x_low, frame->x_high, 8));
    for (double epoch = ceil(frame->x_low / step) * step; epoch <= frame->x_high; epoch += step) {
        double x = x_at(frame, epoch);
        text_add(text, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x, x, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4);
        text_add(text, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n", x, HEIGHT - BOTTOM + 18, epoch);
    }
    text_add(text, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM);
    text_add(text, "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">epoch</text>\n", WIDTH - RIGHT, HEIGHT - 6);
}

static void add_best(struct text *text, const struct curves *curves, const struct frame *frame)
{
    if (curves->best >= curves->count) return;
    double x = x_at(frame, curves->epochs[curves->best]);
    bool right_half = x > (LEFT + WIDTH - RIGHT) / 2.0;
    text_add(text, "<line class=\"best\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x, x, TOP - 6, HEIGHT - BOTTOM);
    text_add(text, "<text class=\"mark\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">best: epoch %u</text>\n", x + (right_half ? -6 : 6),
             TOP + 2, right_half ? "end" : "start", curves->epochs[curves->best]);
}

// A value that is no number breaks the line.
static void add_line(struct text *text, const struct curves *curves, const struct curve *curve, const struct frame *frame)
{
    bool pen_down = false;
    text_add(text, "<path class=\"line%s\" style=\"stroke:var(--series%u)\" d=\"", curve->dashed ? " train" : "", curve->colour);
    for (uint32_t i = 0; i < curves->count; i++) {
        bool drawn = isfinite(curve->values[i]);
        if (drawn) text_add(text, "%c%.1f %.1f", pen_down ? 'L' : 'M', x_at(frame, curves->epochs[i]), y_at(frame, curve->values[i]));
        pen_down = drawn;
    }
    text_add(text, "\"/>\n");
}

// Dots with the exact values; seen under the pointer, at the best epoch, and where there is no line yet.
static void add_points(struct text *text, const struct curves *curves, const struct curve *curve, const struct frame *frame)
{
    uint32_t stride = 1 + curves->count / MAX_POINTS;
    for (uint32_t i = 0; i < curves->count; i++) {
        bool shown = curves->count == 1 || (i == curves->best && !curve->dashed);
        if (!isfinite(curve->values[i]) || (i % stride && !shown)) continue;
        text_add(text, "<circle class=\"point%s\" style=\"fill:var(--series%u)\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>epoch %u, ",
                 shown ? " shown" : "", curve->colour, x_at(frame, curves->epochs[i]), y_at(frame, curve->values[i]),
                 curve->dashed ? "2.5" : "4", curves->epochs[i]);
        text_add_escaped(text, curve->name);
        text_add(text, ": %.4g</title></circle>\n", curve->values[i]);
    }
}

static void add_legend(struct text *text, const struct curves *curves)
{
    for (uint32_t c = 0; c < curves->curve_count; c++) {
        const struct curve *curve = &curves->curves[c];
        uint32_t x = LEFT + c % LEGEND_COLUMNS * ((WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS), y = 32 + c / LEGEND_COLUMNS * 17;
        text_add(text, "<line class=\"line%s\" style=\"stroke:var(--series%u)\" x1=\"%u\" x2=\"%u\" y1=\"%u\" y2=\"%u\"/>",
                 curve->dashed ? " train" : "", curve->colour, x, x + 22, y, y);
        text_add(text, "<text class=\"key\" x=\"%u\" y=\"%u\">", x + 28, y + 4);
        text_add_escaped(text, curve->name);
        text_add(text, "</text>\n");
    }
}

void curves_add_svg(struct text *text, const struct curves *curves)
{
    struct frame frame = make_frame(curves);
    text_add(text, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
    text_add_escaped(text, curves->title);
    text_add(text, "\">\n<text class=\"title\" x=\"%d\" y=\"14\">", LEFT);
    text_add_escaped(text, curves->title);
    text_add(text, "</text>\n");
    add_legend(text, curves);
    add_axes(text, &frame);
    add_best(text, curves, &frame);
    for (uint32_t c = 0; c < curves->curve_count; c++) add_line(text, curves, &curves->curves[c], &frame);
    for (uint32_t c = 0; c < curves->curve_count; c++) add_points(text, curves, &curves->curves[c], &frame);
    text_add(text, "</svg>\n");
}
