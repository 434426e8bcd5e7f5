// SPDX-License-Identifier: MIT
// Validation images: the labels' outlines on the left; on the right what the model found, with the labels dashed.
#include "data/data.h"
#include "report/html.h"
#include "report/overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_WIDTH = 384 }; // smaller pictures are enlarged, so that outlines stay fine

// An example at the size it is shown; three planes of its own.
struct view {
    uint32_t height, width;
    uint8_t *rgb, *truth, *prediction;
};

static void view_free(struct view *view)
{
    free(view->rgb);
    free(view->truth);
    free(view->prediction);
}

static enum nephos_status view_create(struct nephos_log *log, const struct report_example *example, struct view *view)
{
    uint32_t factor = (LEAST_WIDTH + example->width - 1) / example->width;
    view->height = example->height * factor;
    view->width = example->width * factor;
    size_t count = (size_t)view->height * view->width;
    view->rgb = malloc(3 * count);
    view->truth = malloc(count);
    view->prediction = malloc(count);
    if (!view->rgb || !view->truth || !view->prediction)
        return base_fail(log, NEPHOS_ERROR_MEMORY, "no memory to draw %s (%u x %u pixels)", example->name, view->height, view->width);
    data_resize(example->rgb, example->height, example->width, 3, view->rgb, view->height, view->width);
    data_resize_nearest(example->truth, example->height, example->width, view->truth, view->height, view->width);
    data_resize_nearest(example->prediction, example->height, example->width, view->prediction, view->height, view->width);
    return NEPHOS_OK;
}

static enum nephos_status add_picture(struct nephos_log *log, struct text *text, const struct view *view, const uint8_t *rgb,
                                      const char *what, const char *name)
{
    uint8_t *png;
    size_t size;
    enum nephos_status status = data_png_encode(log, rgb, view->height, view->width, 3, &png, &size);
    if (status != NEPHOS_OK) return status;
    text_add(text, "<div><img width=\"%u\" height=\"%u\" alt=\"%s of ", view->width, view->height, what);
    text_add_escaped(text, name);
    text_add(text, "\" src=\"data:image/png;base64,");
    text_add_base64(text, png, size);
    text_add(text, "\">%s</div>\n", what);
    free(png);
    return NEPHOS_OK;
}

static enum nephos_status add_views(struct nephos_log *log, struct text *text, const struct report *report, const char *name,
                                    const struct view *view)
{
    struct overlay solid = {report->classes, report->class_count, report->exclusive, false, false, 0}, tinted = solid, dashed = solid;
    size_t size = (size_t)view->height * view->width * 3;
    enum nephos_status status = NEPHOS_OK;
    uint8_t *rgb = malloc(size);
    if (!rgb) return base_fail(log, NEPHOS_ERROR_MEMORY, "no memory to draw %s", name);
    tinted.tint = true;
    dashed.dash = 6;
    memcpy(rgb, view->rgb, size);
    TRY(overlay_draw(log, rgb, view->truth, view->height, view->width, &solid));
    TRY(add_picture(log, text, view, rgb, "Labels", name));
    memcpy(rgb, view->rgb, size);
    TRY(overlay_draw(log, rgb, view->prediction, view->height, view->width, &tinted));
    TRY(overlay_draw(log, rgb, view->truth, view->height, view->width, &dashed));
    TRY(add_picture(log, text, view, rgb, "Prediction", name));
fail:
    free(rgb);
    return status;
}

static enum nephos_status add_example(struct nephos_log *log, struct text *text, const struct report *report,
                                      const struct report_example *example)
{
    struct view view = {0};
    enum nephos_status status;
    TRY(view_create(log, example, &view));
    text_add(text, "<figure class=\"card\"><div class=\"views\">\n");
    TRY(add_views(log, text, report, example->name, &view));
    text_add(text, "</div><figcaption><span>");
    text_add_escaped(text, example->name);
    text_add(text, "</span>");
    if (!isnan(example->dice)) text_add(text, "<span>Dice %.3f</span>", example->dice);
    text_add(text, "</figcaption></figure>\n");
fail:
    view_free(&view);
    return status;
}

void html_add_keys(struct text *text, const char *const *classes, uint32_t class_count, bool exclusive)
{
    text_add(text, "<ul class=\"legend\">\n");
    for (uint32_t c = exclusive ? 1 : 0; c < class_count; c++) {
        uint8_t rgb[3];
        overlay_colour(c, rgb);
        text_add(text, "<li><span class=\"swatch\" style=\"background:#%02x%02x%02x\"></span>", rgb[0], rgb[1], rgb[2]);
        text_add_escaped(text, classes[c]);
        text_add(text, "</li>\n");
    }
}

static void add_legend(struct text *text, const struct report *report)
{
    html_add_keys(text, report->classes, report->class_count, report->exclusive);
    text_add(text, "<li><span class=\"solid\"></span>labels (left), prediction (right)</li>"
                   "<li><span class=\"dash\"></span>labels (right)</li></ul>\n");
}

enum nephos_status html_add_examples(struct nephos_log *log, struct text *text, const struct report *report)
{
    if (!report->example_count) return NEPHOS_OK;
    text_add(text, "<h2>Validation images</h2>\n");
    add_legend(text, report);
    text_add(text, "<div class=\"examples\">\n");
    for (uint32_t i = 0; i < report->example_count; i++) {
        enum nephos_status status = add_example(log, text, report, &report->examples[i]);
        if (status != NEPHOS_OK) return status;
    }
    text_add(text, "</div>\n");
    return NEPHOS_OK;
}
