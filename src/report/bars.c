// SPDX-License-Identifier: MIT
#include "report/bars.h"
#include "report/curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 360, HEIGHT = 210, LEFT = 46, RIGHT = 8, TOP = 40, BOTTOM = 34 };

static void open_chart(struct text *text, const char *title, uint32_t height)
{
    text_add(text, "<svg class=\"chart\" viewBox=\"0 0 %d %u\" role=\"img\"><text class=\"title\" x=\"0\" y=\"16\">", WIDTH, height);
    text_add_escaped(text, title);
    text_add(text, "</text>\n");
}

static double greatest(const double *values, uint32_t count)
{
    double most = 0;
    for (uint32_t i = 0; i < count; i++)
        if (values[i] > most) most = values[i];
    return most;
}

static void add_tip(struct text *text, const struct bars *bars, uint32_t i)
{
    text_add(text, "<title>");
    if (bars->names)
        text_add_escaped(text, bars->names[i]);
    else
        text_add(text, "%.0f–%.0f %%", 100.0 * i / bars->count, 100.0 * (i + 1) / bars->count);
    text_add(text, ": %.6g %s</title>", bars->values[i], bars->unit);
}

// --- upright ----------------------------------------------------------------------------------------------------------

// Lines with their values; gives the value at the top.
static double add_scale(struct text *text, double most)
{
    const double step = fmax(curves_step(0, most, 4), 1), top = fmax(ceil(most / step - 1e-9), 1) * step;
    for (double value = 0; value <= top + step / 2; value += step) {
        const double y = HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
        text_add(text, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, y, y);
        text_add(text, "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n", LEFT - 6, y + 4, value);
    }
    return top;
}

static void add_shares(struct text *text)
{
    for (int i = 0; i <= 4; i++) {
        const double x = LEFT + i / 4.0 * (WIDTH - LEFT - RIGHT);
        text_add(text, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%d %%</text>\n", x, HEIGHT - BOTTOM + 18,
                 i == 0   ? "start"
                 : i == 4 ? "end"
                          : "middle",
                 25 * i);
    }
}

void bars_add_columns(struct text *text, const struct bars *bars)
{
    open_chart(text, bars->title, HEIGHT);
    const double top = add_scale(text, greatest(bars->values, bars->count));
    const double pitch = (double)(WIDTH - LEFT - RIGHT) / (bars->count ? bars->count : 1), gap = bars->names ? pitch * 0.12 : 0.5;
    for (uint32_t i = 0; i < bars->count; i++) {
        const double height = bars->values[i] / top * (HEIGHT - TOP - BOTTOM), x = LEFT + pitch * i;
        text_add(text, "<rect style=\"fill:var(--series%u)\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">", bars->colour, x + gap,
                 HEIGHT - BOTTOM - height, pitch - 2 * gap, height);
        add_tip(text, bars, i);
        text_add(text, "</rect>");
        if (!bars->names) continue;
        text_add(text, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x + pitch / 2, HEIGHT - BOTTOM + 18);
        text_add_escaped(text, bars->names[i]);
        text_add(text, "</text>\n");
    }
    if (!bars->names) add_shares(text);
    text_add(text, "</svg>\n");
}

// --- lying ------------------------------------------------------------------------------------------------------------

enum { PITCH = 25, VALUE = 52, LETTER = 7, LETTERS = 26 }; // at most so many letters of a name are shown, each so wide

static bool is_start(char c) // of a letter in UTF-8
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

// Width of the names.
static uint32_t name_width(const struct bars *bars)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < bars->count; i++) {
        uint32_t letters = 0;
        for (const char *at = bars->names[i]; *at; at++)
            letters += is_start(*at);
        most = letters > most ? letters : most;
    }
    return LETTER * (most < LETTERS ? most : LETTERS + 1) + 12;
}

// The beginning of a name that fits.
static void add_name(struct text *text, const char *name)
{
    char cut[4 * LETTERS + 8];
    size_t letters = 0, used = 0;
    for (; name[used] && used < 4 * LETTERS; used++) {
        if (is_start(name[used]) && letters++ == LETTERS) break;
    }
    snprintf(cut, sizeof cut, "%.*s%s", (int)used, name, name[used] ? "…" : "");
    text_add_escaped(text, cut);
}

void bars_add_rows(struct text *text, const struct bars *bars)
{
    const double most = fmax(greatest(bars->values, bars->count), 1);
    const uint32_t name = name_width(bars);
    open_chart(text, bars->title, 30 + PITCH * bars->count);
    for (uint32_t i = 0; i < bars->count; i++) {
        const uint32_t y = 30 + PITCH * i;
        const double width = bars->values[i] / most * (WIDTH - name - VALUE);
        text_add(text, "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">", name - 8, y + 14);
        add_name(text, bars->names[i]);
        text_add(text, "</text><rect style=\"fill:var(--series%u)\" x=\"%u\" y=\"%u\" width=\"%.1f\" height=\"18\" rx=\"3\">", bars->colour,
                 name, y, width);
        add_tip(text, bars, i);
        text_add(text, "</rect><text class=\"tick\" x=\"%.1f\" y=\"%u\">%.6g</text>\n", name + width + 6, y + 14, bars->values[i]);
    }
    text_add(text, "</svg>\n");
}

// --- levels -----------------------------------------------------------------------------------------------------------

void bars_add_levels(struct text *text, const struct levels *levels)
{
    double most = 1;
    // Black and white pile up where there is no data or too much light: they may leave the chart at its top.
    for (int c = 0; c < 3; c++)
        most = fmax(most, greatest(levels->values[c] + 11, 256 - 12));
    open_chart(text, levels->title, HEIGHT);
    text_add(text, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM,
             HEIGHT - BOTTOM);
    for (int c = 0; c < 3; c++) {
        text_add(text, "<path class=\"line\" style=\"stroke:%s\" d=\"", levels->colours[c]);
        for (int v = 0; v < 256; v++)
            text_add(text, "%c%.1f %.1f", v ? 'L' : 'M', LEFT + v / 255.0 * (WIDTH - LEFT - RIGHT),
                     HEIGHT - BOTTOM - fmin(levels->values[c][v] / most, 1) * (HEIGHT - TOP - BOTTOM));
        text_add(text, "\"/>\n");
    }
    for (int v = 0; v <= 255; v += 51)
        text_add(text, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%d</text>\n", LEFT + v / 255.0 * (WIDTH - LEFT - RIGHT),
                 HEIGHT - BOTTOM + 18, v == 255 ? "end" : "middle", v);
    text_add(text, "</svg>\n");
}
