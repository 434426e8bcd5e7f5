// SPDX-License-Identifier: MIT
#include "analyze/page.h"
#include "report/bars.h"
#include "report/overlay.h"

#include <stdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS_SHOWN = 16, MASKS_SHOWN = 10 };

static const char *name_of(const struct page *page, uint32_t c)
{
    return page->analysis->source.set->classes[c];
}

// --- table ------------------------------------------------------------------------------------------------------------

static void add_share(struct text *text, double share)
{
    if (isnan(share))
        text_add(text, "<td>–</td>");
    else
        text_add(text, "<td>%.1f&nbsp;%%</td>", 100 * share);
}

static void add_row(const struct page *page, uint32_t c)
{
    struct text *text = page->text;
    const struct figures_class *class = &page->analysis->figures->classes[c];
    const double images = class->images ? (double)class->images : NAN, share = (double)class->images / page->analysis->figures->labelled;
    uint8_t rgb[3];
    overlay_colour(c, rgb);
    text_add(text, "<tr><th><span class=\"swatch\" style=\"background:#%02x%02x%02x\"></span>", rgb[0], rgb[1], rgb[2]);
    text_add_escaped(text, name_of(page, c));
    text_add(text, "</th><td>%llu</td>", (unsigned long long)class->images);
    add_share(text, share);
    for (int s = 0; s < DATA_NONE && page->analysis->source.set->has_split; s++)
        text_add(text, "<td>%llu</td>", (unsigned long long)class->by_split[s]);
    add_share(text, class->area_sum / images);
    add_share(text, class->area_median);
    if (class->images)
        text_add(text, "<td>%.2f</td></tr>\n", (double)class->component_count / images);
    else
        text_add(text, "<td>–</td></tr>\n");
}

static void add_table(const struct page *page)
{
    struct text *text = page->text;
    text_add(text,
             "<div class=\"card scroll\"><table>\n<thead><tr><th>class</th><th>images</th><th>of all</th>%s<th>mean area</th>"
             "<th>median</th><th>components</th></tr></thead>\n<tbody>\n",
             page->analysis->source.set->has_split ? "<th>train</th><th>val</th><th>test</th>" : "");
    for (uint32_t c = 0; c < page->analysis->figures->class_count; c++)
        add_row(page, c);
    text_add(text, "</tbody></table></div>\n");
}

// --- charts -----------------------------------------------------------------------------------------------------------

static void add_images_chart(const struct page *page)
{
    double values[PAGE_CLASSES];
    const char *names[PAGE_CLASSES];
    for (uint32_t i = 0; i < page->shown_count; i++) {
        values[i] = (double)page->analysis->figures->classes[page->shown[i]].images;
        names[i] = name_of(page, page->shown[i]);
    }
    text_add(page->text, "<div class=\"card\">");
    bars_add_rows(page->text, &(struct bars){"Images per class", values, page->shown_count, names, 0, "images"});
    text_add(page->text, "</div>\n");
}

// "Fish + Sugar"; cut off where it is long.
static void set_name(const struct page *page, const struct figures_set *set, char *name, size_t size)
{
    size_t used = 0;
    name[0] = '\0';
    for (uint32_t c = 0; c < page->analysis->figures->class_count && used < size; c++)
        if (set->bits[c / 64] >> c % 64 & 1)
            used += (size_t)snprintf(name + used, size - used, "%s%s", used ? " + " : "", name_of(page, c));
    if (!used) snprintf(name, size, "none");
}

static void add_sets_chart(const struct page *page)
{
    const struct figures *figures = page->analysis->figures;
    double values[SETS_SHOWN];
    char texts[SETS_SHOWN][256];
    const char *names[SETS_SHOWN];
    uint32_t count = figures->set_count < SETS_SHOWN ? figures->set_count : SETS_SHOWN;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = (double)figures->sets[i].images;
        set_name(page, &figures->sets[i], texts[i], sizeof texts[i]);
        names[i] = texts[i];
    }
    text_add(page->text, "<div class=\"card\">");
    bars_add_rows(page->text, &(struct bars){count < figures->set_count || figures->other_sets ? "Most frequent sets of classes"
                                                                                               : "Images per set of classes",
                                             values, count, names, 2, "images"});
    text_add(page->text, "</div>\n");
}

// Counts under 0 or 1, 2 ..., the last bar holds the rest.
static void add_counts_chart(const struct page *page, const char *title, const uint64_t *counts, uint32_t size, uint32_t first, bool rest)
{
    double values[MASKS_SHOWN + 1] = {0};
    char texts[MASKS_SHOWN + 1][16];
    const char *names[MASKS_SHOWN + 1];
    const uint32_t shown = size < MASKS_SHOWN + 1 ? size : MASKS_SHOWN + 1;
    for (uint32_t i = 0; i < size; i++)
        values[i < shown ? i : shown - 1] += (double)counts[i];
    for (uint32_t i = 0; i < shown; i++) {
        snprintf(texts[i], sizeof texts[i], "%u%s", i + first, i + 1 == shown && (rest || size > shown) ? "+" : "");
        names[i] = texts[i];
    }
    text_add(page->text, "<div class=\"card\">");
    bars_add_columns(page->text, &(struct bars){title, values, shown, names, 1, "images"});
    text_add(page->text, "</div>\n");
}

static void add_components_chart(const struct page *page)
{
    const struct figures *figures = page->analysis->figures;
    uint64_t counts[COMPONENT_BINS] = {0};
    for (uint32_t c = 0; c < figures->class_count; c++)
        for (int i = 0; i < COMPONENT_BINS; i++)
            counts[i] += figures->classes[c].components[i];
    add_counts_chart(page, "Components per mask", counts, COMPONENT_BINS, 1, true);
}

void page_add_classes(const struct page *page)
{
    const struct figures *figures = page->analysis->figures;
    text_add(page->text, "<h2>Classes</h2>\n");
    add_table(page);
    text_add(page->text, "<div class=\"charts\">\n");
    add_images_chart(page);
    add_counts_chart(page, "Masks per image", figures->masks_per_image, figures->class_count + 1, 0, false);
    add_components_chart(page);
    add_sets_chart(page);
    text_add(page->text, "</div>\n");
}

// --- together ---------------------------------------------------------------------------------------------------------

// The share of the row's images that have the column's class, too, shades a cell.
static void add_cell(const struct page *page, uint32_t row, uint32_t column)
{
    const struct figures *figures = page->analysis->figures;
    const uint64_t both = figures->together[(size_t)row * figures->class_count + column], all = figures->classes[row].images;
    const double share = all ? (double)both / (double)all : 0;
    if (row == column)
        text_add(page->text, "<td class=\"same\">%llu</td>", (unsigned long long)both);
    else
        text_add(page->text, "<td style=\"background:rgba(74,144,255,%.2f)\">%llu<br><span class=\"hint\">%.0f&nbsp;%%</span></td>",
                 share * 0.6, (unsigned long long)both, 100 * share);
}

void page_add_together(const struct page *page)
{
    struct text *text = page->text;
    if (page->shown_count < 2) return;
    text_add(text, "<h2>Classes that occur together</h2>\n<p class=\"note\">Images with both classes, and their share of the images of the "
                   "row's class.</p>\n<div class=\"card scroll\"><table class=\"matrix\">\n<thead><tr><th></th>");
    for (uint32_t i = 0; i < page->shown_count; i++) {
        text_add(text, "<th>");
        text_add_escaped(text, name_of(page, page->shown[i]));
        text_add(text, "</th>");
    }
    text_add(text, "</tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < page->shown_count; i++) {
        text_add(text, "<tr><th>");
        text_add_escaped(text, name_of(page, page->shown[i]));
        text_add(text, "</th>");
        for (uint32_t k = 0; k < page->shown_count; k++)
            add_cell(page, page->shown[i], page->shown[k]);
        text_add(text, "</tr>\n");
    }
    text_add(text, "</tbody></table></div>\n");
}
