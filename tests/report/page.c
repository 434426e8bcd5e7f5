// SPDX-License-Identifier: MIT
// The page as text: complete, well-formed, self-contained, and with everything foreign escaped.
#include "common/folder.h"
#include "report/curves.h"
#include "report/report.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(page, .init = folder_setup, .fini = folder_teardown);

enum { HEIGHT = 12, WIDTH = 18 };

static uint32_t occurrences(const char *text, const char *part)
{
    uint32_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) count++;
    return count;
}

static char *write_page(const struct report *report)
{
    size_t size;
    const char *path = folder_file("report.html");
    cr_assert_eq(report_write(folder_log, path, report), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    char *text = (char *)folder_read(path, &size);
    text[size] = '\0';
    cr_expect_eq(strlen(text), size);
    return text;
}

// Every element that is opened is closed by its own end tag, in order.
static void expect_balanced(const char *text)
{
    static const char *const empty[] = {"!doctype", "meta", "img", "line", "path", "circle"};
    char stack[64][16];
    uint32_t depth = 0;
    for (const char *tag = strchr(text, '<'); tag; tag = strchr(tag + 1, '<')) {
        char name[16] = "";
        bool closing = tag[1] == '/', skip = false;
        sscanf(tag + 1 + closing, "%15[a-z0-9!]", name);
        for (size_t i = 0; i < ARRAY_COUNT(empty); i++) skip = skip || strcmp(name, empty[i]) == 0;
        if (skip) continue;
        if (!closing) {
            cr_assert_lt(depth, 64);
            strcpy(stack[depth++], name);
        } else {
            cr_assert(depth && strcmp(stack[depth - 1], name) == 0, "</%s> closes <%s>", name, depth ? stack[depth - 1] : "");
            depth--;
        }
    }
    cr_expect_eq(depth, 0);
}

static const char nasty[] = "<script>alert('x')</script> & \"quotes\"";
static const char *const classes[] = {"Fish", nasty};

// A report with everything in it.
static char *full_page(void)
{
    static uint8_t rgb[HEIGHT * WIDTH * 3], truth[HEIGHT * WIDTH], prediction[HEIGHT * WIDTH];
    memset(truth + WIDTH, 1, 5 * WIDTH);
    memset(prediction + 3 * WIDTH, 3, 5 * WIDTH);
    struct history_row rows[] = {
        {1, 0.9, 0.1, 0.1, 0.5, 1.0, 0.20, 0.1, 0.4, NAN, NAN, 1e-3, 10, 20, 0.5},
        {2, 0.5, 0.3, 0.2, 0.6, NAN, 0.45, 0.3, 0.6, NAN, NAN, 1e-3, 10, 20, 0.5},
        {3, 0.4, 0.4, 0.3, 0.7, 0.8, 0.40, 0.3, 0.7, NAN, NAN, 1e-3, 10, 20, 0.5},
    };
    struct history history = {rows, 3};
    struct nephos_class_scores class_scores[] = {
        {.dice = 0.5, .iou = 0.4, .predict_nothing = 0.3, .tp = 10, .fp = 20, .fn = 30, .tn = 40},
        {.dice = 0.6, .iou = NAN, .predict_nothing = 1, .tn = 100},
    };
    struct nephos_scores scores = {.image_count = 7, .class_count = 2, .dice = 0.55, .mean_iou = 0.4, .accuracy = 0.7,
                                   .predict_nothing = 0.65, .classes = class_scores};
    struct report_fact facts[] = {{"Architecture", "unet"}, {nasty, nasty}};
    struct report_facts groups[] = {{"Model", facts, 2}, {nasty, facts, 1}};
    struct report_example examples[] = {{"a.jpg", HEIGHT, WIDTH, rgb, truth, prediction, 0.625},
                                        {nasty, HEIGHT, WIDTH, rgb, truth, prediction, NAN}};
    struct report report = {nasty, nasty, groups, 2, &history, &scores, classes, 2, false, examples, 2};
    return write_page(&report);
}

Test(page, holds_every_part)
{
    char *text = full_page();
    expect_balanced(text);
    cr_expect_eq(occurrences(text, "<svg "), 2);
    cr_expect_eq(occurrences(text, "<img "), 4);
    cr_expect_eq(occurrences(text, "src=\"data:image/png;base64,iVBORw0KGgo"), 4);
    cr_expect_eq(occurrences(text, "best: epoch 2"), 2);
    cr_expect(strstr(text, "0.4500") && strstr(text, "epoch 2 of 3"));
    cr_expect(strstr(text, "prefers-color-scheme:dark"));
    cr_expect(strstr(text, "Dice 0.625"));
    cr_expect_eq(occurrences(text, "nan"), 0);
    cr_expect_eq(folder_count(), 1);
    free(text);
}

Test(page, foreign_text_is_escaped_everywhere)
{
    char *text = full_page();
    cr_expect_null(strstr(text, "<script"));
    cr_expect_null(strstr(text, "'x'"));
    cr_expect_null(strstr(text, "& "));
    cr_expect_geq(occurrences(text, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;"), 9);
    free(text);
}

Test(page, loads_nothing_from_outside)
{
    char *text = full_page();
    cr_expect_null(strstr(text, "http"));
    cr_expect_null(strstr(text, "url("));
    cr_expect_eq(occurrences(text, "src="), occurrences(text, "src=\"data:"));
    free(text);
}

Test(page, a_run_without_anything_yet_is_a_page_too)
{
    struct history history = {0};
    struct report report = {.title = "empty", .history = &history};
    char *text = write_page(&report);
    expect_balanced(text);
    cr_expect_null(strstr(text, "<svg"));
    cr_expect_null(strstr(text, "<img"));
    free(text);
}

Test(page, reloads_itself_only_while_training_goes_on)
{
    struct history history = {0};
    struct report report = {.title = "live", .history = &history};
    for (report.state = REPORT_ENDED; report.state <= REPORT_STOPPED; report.state++) {
        char *text = write_page(&report);
        expect_balanced(text);
        cr_expect_eq(occurrences(text, "http-equiv=\"refresh\""), report.state == REPORT_GOES_ON);
        cr_expect_eq(occurrences(text, "Training goes on"), report.state == REPORT_GOES_ON);
        cr_expect_eq(occurrences(text, "Training was stopped"), report.state == REPORT_STOPPED);
        free(text);
    }
}

Test(page, failure_leaves_the_old_page)
{
    struct history history = {0};
    struct report report = {.title = "first", .history = &history};
    free(write_page(&report));
    cr_expect_eq(report_write(folder_log, folder_file("none/report.html"), &report), NEPHOS_ERROR_FILE);
    cr_expect_eq(folder_count(), 1);
}

// --- curves -----------------------------------------------------------------------------------------------------------

Test(page, steps_are_round)
{
    cr_expect_float_eq(curves_step(0, 1, 5), 0.2, 1e-12);
    cr_expect_float_eq(curves_step(0, 0.97, 5), 0.2, 1e-12);
    cr_expect_float_eq(curves_step(0, 13, 5), 5, 1e-12);
    cr_expect_float_eq(curves_step(1, 300, 8), 50, 1e-12);
    cr_expect_float_eq(curves_step(3, 3, 5), 1, 0);
    cr_expect_float_eq(curves_step(0, INFINITY, 5), 1, 0);
}

// The chart of one curve.
static char *chart(const double *values, uint32_t count, bool share)
{
    static uint32_t epochs[1000];
    for (uint32_t i = 0; i < count; i++) epochs[i] = i + 1;
    struct curve curve = {"validation", values, 0, false};
    struct curves curves = {"Loss", epochs, count, &curve, 1, share, UINT32_MAX};
    struct text text = {0};
    curves_add_svg(&text, &curves);
    cr_assert_not(text.failed);
    return text.bytes;
}

Test(page, a_value_that_is_no_number_breaks_the_line)
{
    char *svg = chart((double[]){1, 2, NAN, 3, INFINITY, 5, 6}, 7, false);
    const char *path = strstr(svg, " d=\"");
    cr_assert_not_null(path);
    cr_expect_eq(occurrences(path, "M"), 3);
    cr_expect_null(strstr(svg, "nan"));
    cr_expect_null(strstr(svg, "inf"));
    free(svg);
}

Test(page, one_epoch_is_drawn_as_a_point)
{
    char *svg = chart((double[]){0.5}, 1, true);
    cr_expect_eq(occurrences(svg, "point shown"), 1);
    cr_expect_null(strstr(svg, "nan"));
    free(svg);
}

Test(page, extreme_values_stay_inside_the_picture)
{
    static const double cases[][3] = {{0, 0, 0}, {1, 1, 1}, {NAN, NAN, NAN}, {1e-30, 2e-30, 3e-30}, {-5, 0, 5}, {1e300, -1e300, 0},
                                      {0.9991, 0.9992, 0.9993}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char *svg = chart(cases[i], 3, false);
        for (const char *at = svg; (at = strstr(at, "cy=\"")); at++) {
            double y = strtod(at + 4, NULL);
            cr_expect(y >= 60 && y <= 310, "case %zu: y %g", i, y);
        }
        cr_expect_leq(occurrences(svg, "class=\"grid\""), 12, "case %zu", i);
        cr_expect_geq(occurrences(svg, "class=\"grid\""), 2, "case %zu", i);
        free(svg);
    }
}
