// SPDX-License-Identifier: MIT
// Parts of the analysis's page, top to bottom; page.c puts them together.
#ifndef ANALYZE_PAGE_H
#define ANALYZE_PAGE_H

#include "analyze/analyze.h"
#include "report/text.h"

enum { PAGE_CLASSES = 24 }; // that have charts of their own: the most frequent ones

struct page {
    struct nephos_log *log;
    const struct analysis *analysis;
    struct text *text;
    uint32_t shown[PAGE_CLASSES], shown_count; // classes, in their order
};

void page_add_summary(const struct page *page);               // page_summary.c
void page_add_defects(const struct page *page);               // page_summary.c
void page_add_classes(const struct page *page);               // page_classes.c: table and charts
void page_add_together(const struct page *page);              // page_classes.c: which classes occur together
enum nephos_status page_add_places(const struct page *page);  // page_places.c: areas and heat maps
void page_add_colours(const struct page *page);               // page_colours.c
enum nephos_status page_add_twins(const struct page *page);   // page_samples.c
enum nephos_status page_add_samples(const struct page *page); // page_samples.c

#endif
