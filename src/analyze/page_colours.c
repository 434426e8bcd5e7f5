// SPDX-License-Identifier: MIT
// Brightness, colours, no data, sizes.
#include "analyze/page.h"
#include "report/bars.h"

static void add_channels(struct text *text, const struct figures *figures)
{
    static const char *const names[CHANNELS] = {"red", "green", "blue", "brightness"};
    text_add(text, "<div class=\"card scroll\"><table>\n<thead><tr><th>channel, 0 to 1</th><th>mean</th><th>deviation</th></tr></thead>\n"
                   "<tbody>\n");
    for (int c = 0; c < CHANNELS; c++)
        text_add(text, "<tr><th>%s</th><td>%.4f</td><td>%.4f</td></tr>\n", names[c], figures_mean(figures, (enum channel)c),
                 figures_deviation(figures, (enum channel)c));
    text_add(text, "</tbody></table></div>\n");
}

static void add_levels(struct text *text, const struct figures *figures)
{
    double values[3][LEVELS];
    for (int c = 0; c < 3; c++)
        for (int v = 0; v < LEVELS; v++)
            values[c][v] = (double)figures->levels[c][v];
    text_add(text, "<div class=\"card\">");
    bars_add_levels(text, &(struct levels){"Pixels by value", {values[0], values[1], values[2]}, {"#e5484d", "#30a46c", "#3e7bfa"}});
    text_add(text, "<div class=\"hint\">red, green, blue; what passes the top is black</div></div>\n");
}

static void add_bins(struct text *text, const char *title, const uint64_t *bins, uint32_t colour)
{
    double values[SHARE_BINS];
    for (int i = 0; i < SHARE_BINS; i++)
        values[i] = (double)bins[i];
    text_add(text, "<div class=\"card\">");
    bars_add_columns(text, &(struct bars){title, values, SHARE_BINS, NULL, colour, "images"});
    text_add(text, "</div>\n");
}

static void add_sizes(struct text *text, const struct figures *figures)
{
    enum { SHOWN = 12 };
    if (figures->size_count < 2) return;
    text_add(text, "<div class=\"card scroll\"><table>\n<thead><tr><th>size, width × height</th><th>images</th></tr></thead>\n<tbody>\n");
    uint64_t rest = figures->other_sizes;
    for (uint32_t i = 0; i < figures->size_count; i++) {
        const struct figures_size *size = &figures->sizes[i];
        if (i < SHOWN)
            text_add(text, "<tr><th>%u × %u</th><td>%llu</td></tr>\n", size->width, size->height, (unsigned long long)size->images);
        else
            rest += size->images;
    }
    if (rest) text_add(text, "<tr><th>others</th><td>%llu</td></tr>\n", (unsigned long long)rest);
    text_add(text, "</tbody></table></div>\n");
}

void page_add_colours(const struct page *page)
{
    const struct figures *figures = page->analysis->figures;
    if (!figures->readable) return;
    text_add(page->text,
             "<h2>Brightness, colour, no data</h2>\n<p class=\"note\">A pixel has no data where all of its channels are at most "
             "%d of 255. Mean contrast of an image: %.3f.%s</p>\n<div class=\"charts\">\n",
             BLACK_LEVEL, figures->contrast / figures->readable, figures->grey == figures->readable ? " All images are grey." : "");
    add_levels(page->text, figures);
    add_bins(page->text, "Images by mean brightness", figures->brightness, 3);
    add_bins(page->text, "Images by share without data", figures->black, 1);
    add_channels(page->text, figures);
    add_sizes(page->text, figures);
    text_add(page->text, "</div>\n");
}
