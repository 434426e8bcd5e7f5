// SPDX-License-Identifier: MIT
// How large masks are, and where.
#include "analyze/page.h"
#include "report/bars.h"
#include "report/heat.h"

#include <stdio.h>

static void add_areas(const struct page *page)
{
    text_add(page->text, "<h2>Area of masks</h2>\n<p class=\"note\">Share of the image that a mask covers, of the images that have the "
                         "class.</p>\n<div class=\"charts\">\n");
    for (uint32_t i = 0; i < page->shown_count; i++) {
        const struct figures_class *class = &page->analysis->figures->classes[page->shown[i]];
        double values[SHARE_BINS];
        if (!class->images) continue;
        for (int k = 0; k < SHARE_BINS; k++)
            values[k] = (double)class->areas[k];
        text_add(page->text, "<div class=\"card\">");
        bars_add_columns(page->text,
                         &(struct bars){page->analysis->source.set->classes[page->shown[i]], values, SHARE_BINS, NULL, 0, "images"});
        text_add(page->text, "<div class=\"hint\">mean %.1f&nbsp;%%, median %.1f&nbsp;%%</div></div>\n",
                 100 * class->area_sum / (double)class->images, 100 * class->area_median);
    }
    text_add(page->text, "</div>\n");
}

static enum nephos_status add_map(const struct page *page, const double *cells, const char *caption, const char *name)
{
    const struct figures_size *size = &page->analysis->figures->sizes[0];
    const struct heat heat = {cells, GRID_ROWS, GRID_COLUMNS, 0, size->height, size->width};
    char alt[160];
    snprintf(alt, sizeof alt, "Map: %s of %s", caption, name);
    text_add(page->text, "<div>");
    const enum nephos_status status = heat_add(page->log, page->text, &heat, alt);
    double most = 0;
    for (int i = 0; i < GRID_ROWS * GRID_COLUMNS; i++)
        most = cells[i] > most ? cells[i] : most;
    text_add(page->text, "%s, up to %.3g</div>\n", caption, most);
    return status;
}

static enum nephos_status add_maps(const struct page *page, uint32_t c)
{
    const struct figures_class *class = &page->analysis->figures->classes[c];
    const char *name = page->analysis->source.set->classes[c];
    double centres[GRID_ROWS * GRID_COLUMNS], cover[GRID_ROWS * GRID_COLUMNS];
    enum nephos_status status = NEPHOS_OK;
    for (int i = 0; i < GRID_ROWS * GRID_COLUMNS; i++) {
        centres[i] = (double)class->centres[i / GRID_COLUMNS][i % GRID_COLUMNS];
        cover[i] = 100 * class->cover[i / GRID_COLUMNS][i % GRID_COLUMNS] / page->analysis->figures->labelled;
    }
    text_add(page->text, "<figure class=\"card\"><div class=\"views\">\n");
    TRY(add_map(page, centres, "centres of masks", name));
    TRY(add_map(page, cover, "covered, % of the images", name));
    text_add(page->text, "</div><figcaption><span>");
    text_add_escaped(page->text, name);
    text_add(page->text, "</span><span>%llu images</span></figcaption></figure>\n", (unsigned long long)class->images);
fail:
    return status;
}

enum nephos_status page_add_places(const struct page *page)
{
    enum nephos_status status = NEPHOS_OK;
    if (!page->analysis->figures->labelled) return NEPHOS_OK;
    add_areas(page);
    text_add(page->text,
             "<h2>Where masks are</h2>\n<p class=\"note\">On the left the masks' centres of mass, on the right how often a place "
             "is covered; dark is none, bright the most of a map.</p>\n<div class=\"examples\">\n");
    for (uint32_t i = 0; i < page->shown_count && status == NEPHOS_OK; i++)
        if (page->analysis->figures->classes[page->shown[i]].images) status = add_maps(page, page->shown[i]);
    text_add(page->text, "</div>\n");
    return status;
}
