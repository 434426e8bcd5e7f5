// SPDX-License-Identifier: MIT
// The numbers at the top, and what is wrong.
#include "analyze/page.h"

#include <stdio.h>
#include <math.h>

enum { LISTED = 200, LISTED_OF_A_KIND = 20 };

static void open_number(struct text *text, const char *label)
{
    text_add(text, "<div class=\"card\"><div class=\"label\">%s</div><div class=\"value\">", label);
}

static void close_number(struct text *text, const char *hint)
{
    text_add(text, "</div><div class=\"hint\">%s</div></div>\n", hint);
}

static void add_count(struct text *text, const char *label, uint64_t value, const char *hint)
{
    open_number(text, label);
    text_add(text, "%llu", (unsigned long long)value);
    close_number(text, hint);
}

static void add_percent(struct text *text, const char *label, double share, const char *hint)
{
    open_number(text, label);
    if (isnan(share))
        text_add(text, "–");
    else
        text_add(text, "%.1f&nbsp;%%", 100 * share);
    close_number(text, hint);
}

static void add_images(struct text *text, const struct figures *figures)
{
    char hint[96] = "none can be read";
    if (figures->size_count == 1)
        snprintf(hint, sizeof hint, "all %u&thinsp;×&thinsp;%u pixels", figures->sizes[0].width, figures->sizes[0].height);
    else if (figures->size_count)
        snprintf(hint, sizeof hint, "of %s%u sizes", figures->other_sizes ? "more than " : "", figures->size_count);
    add_count(text, "Images", figures->image_count, hint);
}

static void add_masks(struct text *text, const struct figures *figures)
{
    char hint[96];
    uint64_t masks = 0;
    for (uint32_t c = 0; c < figures->class_count; c++)
        masks += figures->classes[c].images;
    snprintf(hint, sizeof hint, "%.2f an image", figures->labelled ? (double)masks / figures->labelled : 0);
    add_count(text, "Masks", masks, hint);
}

void page_add_summary(const struct page *page)
{
    struct text *text = page->text;
    const struct figures *figures = page->analysis->figures;
    const struct source *source = &page->analysis->source;
    const struct twins *twins = &page->analysis->twins;
    char hint[96];
    text_add(text, "<section class=\"numbers\">\n");
    add_images(text, figures);
    add_masks(text, figures);
    if (source->competition) {
        snprintf(hint, sizeof hint, "%llu of %llu in train.csv", (unsigned long long)source->empty_rows, (unsigned long long)source->rows);
        add_percent(text, "Empty rows", source->rows ? (double)source->empty_rows / (double)source->rows : NAN, hint);
    }
    add_percent(text, "No data", figures->readable ? figures->black_sum / figures->readable : NAN, "black pixels, mean of the images");
    snprintf(hint, sizeof hint, "and %llu near-duplicates", (unsigned long long)twins->near);
    add_count(text, "Identical images", twins->identical, hint);
    add_count(text, "Leaks", twins->leaks, source->set->has_split ? "alike images in different parts" : "there is no split.csv");
    add_count(text, "Errors", defects_errors(&source->defects), "what a training refuses");
    add_count(text, "Warnings", defects_warnings(&source->defects), "what it lives with");
    text_add(text, "</section>\n");
}

// --- defects ----------------------------------------------------------------------------------------------------------

static void add_kinds(struct text *text, const struct defects *defects)
{
    text_add(text, "<div class=\"card scroll\"><table class=\"wrap\">\n<thead><tr><th>what</th><th>kind</th><th>number</th></tr></thead>\n<tbody>\n");
    for (int k = 0; k < DEFECT_KINDS; k++)
        if (defects->counts[k])
            text_add(text, "<tr><th>%s</th><td>%s</td><td>%llu</td></tr>\n", defect_title((enum defect_kind)k),
                     defect_is_error((enum defect_kind)k) ? "<b class=\"bad\">error</b>" : "warning",
                     (unsigned long long)defects->counts[k]);
    text_add(text, "</tbody></table></div>\n");
}

static void add_item(struct text *text, const struct defect *defect)
{
    text_add(text, "<li><b%s>", defect_is_error(defect->kind) ? " class=\"bad\"" : "");
    text_add_escaped(text, defect->file);
    if (defect->line) text_add(text, ":%u", defect->line);
    text_add(text, "</b> ");
    text_add_escaped(text, defect->text);
    text_add(text, "</li>\n");
}

static void add_list(struct text *text, const struct defects *defects)
{
    uint32_t listed = 0, of_kind[DEFECT_KINDS] = {0};
    text_add(text, "<details class=\"card\"%s><summary>File and row</summary>\n<ul class=\"defects\">\n",
             defects->count <= LISTED_OF_A_KIND ? " open" : "");
    for (size_t i = 0; i < defects->count && listed < LISTED; i++) {
        if (of_kind[defects->items[i].kind]++ >= LISTED_OF_A_KIND) continue;
        add_item(text, &defects->items[i]);
        listed++;
    }
    text_add(text, "</ul>\n");
    if (listed < defects->count)
        text_add(text, "<p class=\"note\">%zu more; <code>nephos analyze --json FILE</code> writes them all.</p>\n",
                 defects->count - listed);
    text_add(text, "</details>\n");
}

void page_add_defects(const struct page *page)
{
    struct text *text = page->text;
    const struct defects *defects = &page->analysis->source.defects;
    text_add(text, "<h2>What is wrong</h2>\n");
    if (page->analysis->twins.leaks)
        text_add(
            text,
            "<p class=\"card alert\"><b>The split leaks.</b> %llu pairs of images that are the same or nearly so lie in different parts "
            "of split.csv: scores on them look better than they are.</p>\n",
            (unsigned long long)page->analysis->twins.leaks);
    if (!defects->count) {
        text_add(text, "<p class=\"card\">Nothing: every image and every mask can be read and used.</p>\n");
        return;
    }
    add_kinds(text, defects);
    add_list(text, defects);
}
