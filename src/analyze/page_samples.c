// SPDX-License-Identifier: MIT
// Pictures: sample images with the outlines of their masks, and alike images side by side. They are decoded again, one at a time.
#include "analyze/page.h"
#include "report/html.h"
#include "report/overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_WIDTH = 480, TWIN_WIDTH = 300, TWINS_SHOWN = 12, QUALITY = 82 };

struct picture {
    uint32_t height, width, full_height, full_width;
    uint8_t *rgb;
};

static uint32_t height_for(uint32_t width, uint32_t full_height, uint32_t full_width)
{
    const double height = round((double)width * full_height / full_width);
    return height < 1 ? 1 : height > 4 * width ? 4 * width : (uint32_t)height;
}

static void spread_grey(const uint8_t *grey, size_t count, uint8_t *rgb)
{
    for (size_t i = 0; i < count; i++)
        rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = grey[i];
}

static enum nephos_status read_picture(const struct page *page, const char *path, uint32_t width, struct picture *picture)
{
    struct data_image image = {0};
    uint8_t *small = NULL;
    uint32_t full_height, full_width;
    enum nephos_status status;
    TRY(data_image_size(page->log, path, &full_height, &full_width));
    *picture = (struct picture){height_for(width, full_height, full_width), width, full_height, full_width};
    TRY(data_image_read(page->log, path, picture->height, picture->width, &image));
    const size_t pixels = (size_t)picture->height * picture->width;
    picture->rgb = malloc(3 * pixels);
    small = malloc(pixels * image.channels);
    if (!picture->rgb || !small) FAIL(page->log, NEPHOS_ERROR_MEMORY, "%s: no memory to show it", path);
    data_resize(image.pixels, image.height, image.width, image.channels, small, picture->height, picture->width);
    if (image.channels == 3)
        memcpy(picture->rgb, small, 3 * pixels);
    else
        spread_grey(small, pixels, picture->rgb);
fail:
    data_image_free(&image);
    free(small);
    return status;
}

static enum nephos_status draw_outlines(const struct page *page, uint32_t sample, struct picture *picture)
{
    const struct data_set *set = page->analysis->source.set;
    const size_t pixels = (size_t)picture->height * picture->width;
    const struct overlay overlay = {(const char *const *)set->classes, set->class_count, set->exclusive, false, false, 0};
    uint8_t *full = malloc((size_t)picture->full_height * picture->full_width), *labels = malloc(pixels);
    struct defects known = {0};
    bool present = false;
    enum nephos_status status = NEPHOS_OK;
    if (!full || !labels) FAIL(page->log, NEPHOS_ERROR_MEMORY, "%s: no memory for its masks", set->samples[sample].path);
    TRY(measure_labels(set, sample, picture->full_height, picture->full_width, full, &known, &present));
    if (!present) goto fail;
    data_resize_nearest(full, picture->full_height, picture->full_width, labels, picture->height, picture->width);
    status = overlay_draw(page->log, picture->rgb, labels, picture->height, picture->width, &overlay);
fail:
    defects_free(&known);
    free(full);
    free(labels);
    return status;
}

// outline: with its masks.
static enum nephos_status add_picture(const struct page *page, uint32_t sample, uint32_t width, bool outline)
{
    const struct data_sample *s = &page->analysis->source.set->samples[sample];
    struct picture picture = {0};
    uint8_t *jpeg = NULL;
    size_t size;
    enum nephos_status status;
    TRY(read_picture(page, s->path, width, &picture));
    if (outline) TRY(draw_outlines(page, sample, &picture));
    TRY(data_jpeg_encode(page->log, s->path, picture.rgb, picture.height, picture.width, 3, QUALITY, &jpeg, &size));
    text_add(page->text, "<img width=\"%u\" height=\"%u\" loading=\"lazy\" alt=\"", picture.width, picture.height);
    text_add_escaped(page->text, s->name);
    text_add(page->text, "\" src=\"data:image/jpeg;base64,");
    text_add_base64(page->text, jpeg, size);
    text_add(page->text, "\">");
fail:
    free(picture.rgb);
    free(jpeg);
    return status;
}

// --- alike images -----------------------------------------------------------------------------------------------------

static enum nephos_status add_side(const struct page *page, uint32_t sample)
{
    const struct data_sample *s = &page->analysis->source.set->samples[sample];
    text_add(page->text, "<div>");
    const enum nephos_status status = add_picture(page, sample, TWIN_WIDTH, false);
    text_add_escaped(page->text, s->name);
    if (s->split != DATA_NONE) text_add(page->text, " · %s", analyze_split_name(s->split));
    text_add(page->text, "</div>\n");
    return status;
}

static enum nephos_status add_twin(const struct page *page, const struct twin *twin)
{
    enum nephos_status status = NEPHOS_OK;
    text_add(page->text, "<figure class=\"card%s\"><div class=\"views\">\n", twin->leak ? " alert" : "");
    TRY(add_side(page, twin->a));
    TRY(add_side(page, twin->b));
    text_add(page->text, "</div><figcaption><span>%s%s</span>", twin->identical ? "identical" : "nearly the same",
             twin->leak ? ", a leak" : "");
    if (!twin->identical) text_add(page->text, "<span>%u bits, correlation %.3f</span>", twin->distance, twin->likeness);
    text_add(page->text, "</figcaption></figure>\n");
fail:
    return status;
}

enum nephos_status page_add_twins(const struct page *page)
{
    const struct twins *twins = &page->analysis->twins;
    const uint32_t shown = twins->count < TWINS_SHOWN ? twins->count : TWINS_SHOWN;
    enum nephos_status status = NEPHOS_OK;
    text_add(page->text, "<h2>Duplicates</h2>\n");
    if (!shown) {
        text_add(page->text, "<p class=\"card\">No image is there twice, or nearly.</p>\n");
        return NEPHOS_OK;
    }
    text_add(page->text,
             "<p class=\"note\">%llu identical pairs, %llu near-duplicates, %llu of them in different parts of the split%s.</p>\n"
             "<div class=\"examples\">\n",
             (unsigned long long)twins->identical, (unsigned long long)twins->near, (unsigned long long)twins->leaks,
             shown < twins->identical + twins->near ? "; the first of them, leaks in front" : "");
    for (uint32_t i = 0; i < shown && status == NEPHOS_OK; i++)
        status = add_twin(page, &twins->items[i]);
    text_add(page->text, "</div>\n");
    return status;
}

// --- samples ----------------------------------------------------------------------------------------------------------

// Round by round an image of each set of classes, the most frequent set first, so that all kinds of images are seen.
static uint32_t choose_samples(const struct figures *figures, uint32_t *chosen, uint32_t wanted)
{
    uint32_t count = 0;
    for (uint32_t round = 0; count < wanted; round++) {
        const uint32_t before = count;
        for (uint32_t set = 0; set < figures->set_count && count < wanted; set++) {
            uint32_t seen = 0, i = 0;
            if (figures->sets[set].images <= round) continue;
            while (figures->images[i].set != set || seen++ < round)
                i++;
            chosen[count++] = i;
        }
        if (count == before) break;
    }
    return count;
}

static enum nephos_status add_sample(const struct page *page, uint32_t sample)
{
    text_add(page->text, "<figure class=\"card\"><div class=\"view\">");
    const enum nephos_status status = add_picture(page, sample, SAMPLE_WIDTH, true);
    text_add(page->text, "</div><figcaption><span>");
    text_add_escaped(page->text, page->analysis->source.set->samples[sample].name);
    text_add(page->text, "</span></figcaption></figure>\n");
    return status;
}

enum nephos_status page_add_samples(const struct page *page)
{
    const struct data_set *set = page->analysis->source.set;
    uint32_t *chosen = malloc(((size_t)page->analysis->samples + 1) * sizeof *chosen);
    enum nephos_status status = NEPHOS_OK;
    if (!chosen) return base_fail(page->log, NEPHOS_ERROR_MEMORY, "out of memory for %u samples", page->analysis->samples);
    const uint32_t count = choose_samples(page->analysis->figures, chosen, page->analysis->samples);
    if (count) {
        text_add(page->text, "<h2>Samples</h2>\n");
        html_add_keys(page->text, (const char *const *)set->classes, set->class_count, set->exclusive);
        text_add(page->text, "</ul>\n<div class=\"gallery\">\n");
        for (uint32_t i = 0; i < count && status == NEPHOS_OK; i++)
            status = add_sample(page, chosen[i]);
        text_add(page->text, "</div>\n");
    }
    free(chosen);
    return status;
}
