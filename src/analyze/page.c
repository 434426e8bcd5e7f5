// SPDX-License-Identifier: MIT
#include "analyze/page.h"
#include "base/file.h"
#include "report/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The most frequent classes, then in their own order.
static void choose_classes(struct page *page)
{
    const struct figures *figures = page->analysis->figures;
    for (uint32_t c = 0; c < figures->class_count; c++) {
        uint32_t before = 0; // classes that go first
        for (uint32_t d = 0; d < figures->class_count; d++) {
            const uint64_t here = figures->classes[c].images, there = figures->classes[d].images;
            before += there > here || (there == here && d < c);
        }
        if (before < PAGE_CLASSES) page->shown[page->shown_count++] = c;
    }
}

static enum nephos_status add_parts(const struct page *page)
{
    enum nephos_status status = NEPHOS_OK;
    page_add_summary(page);
    page_add_defects(page);
    page_add_classes(page);
    page_add_together(page);
    TRY(page_add_places(page));
    page_add_colours(page);
    TRY(page_add_twins(page));
    TRY(page_add_samples(page));
fail:
    return status;
}

enum nephos_status analyze_page(struct nephos_log *log, const struct analysis *analysis, const char *path)
{
    struct text text = {0};
    struct page page = {.log = log, .analysis = analysis, .text = &text};
    const char *root = analysis->source.set->root, *slash = strrchr(root, '/');
    enum nephos_status status;
    char subtitle[128];
    snprintf(subtitle, sizeof subtitle, "%u images, %u class%s%s", analysis->figures->image_count, analysis->figures->class_count,
             analysis->figures->class_count == 1 ? "" : "es", analysis->source.set->exclusive ? ", one per pixel" : "");
    choose_classes(&page);
    html_open(&text, "data analysis", slash && slash[1] ? slash + 1 : root, subtitle, 0);
    TRY(add_parts(&page));
    html_close(&text);
    if (text.failed) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: no memory for the page", path);
    status = base_file_write(log, path, text.bytes, text.size);
fail:
    text_free(&text);
    return status;
}
