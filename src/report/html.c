// SPDX-License-Identifier: MIT
// The report's page: no script, no file beside it, nothing loaded from anywhere.
#include "report/html.h"
#include "base/file.h"

enum { RELOAD_SECONDS = 20 };

void html_open(struct text *text, const char *kind, const char *title, const char *subtitle, uint32_t reload)
{
    text_add(text, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n");
    if (reload) text_add(text, "<meta http-equiv=\"refresh\" content=\"%u\">\n", reload);
    text_add(text, "<title>");
    text_add_escaped(text, title);
    text_add(text, " · nephos</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n"
                   "<p class=\"brand\">nephos · %s</p>\n<h1>",
             html_style, kind);
    text_add_escaped(text, title);
    text_add(text, "</h1>\n<p class=\"subtitle\">");
    text_add_escaped(text, subtitle);
    text_add(text, "</p>\n</header>\n");
}

void html_close(struct text *text)
{
    text_add(text, "<footer>Made by nephos %s</footer>\n</main>\n</body>\n</html>\n", NEPHOS_VERSION);
}

static void add_state(struct text *text, enum report_state state)
{
    if (state == REPORT_GOES_ON) text_add(text, "<p class=\"note\">Training goes on; this page reloads itself.</p>\n");
    if (state == REPORT_STOPPED) text_add(text, "<p class=\"note\">Training was stopped; --resume goes on with it.</p>\n");
}

enum nephos_status report_write(struct nephos_log *log, const char *path, const struct report *report)
{
    struct text text = {0};
    enum nephos_status status;
    html_open(&text, "training report", report->title, report->subtitle ? report->subtitle : "", report->state == REPORT_GOES_ON ? RELOAD_SECONDS : 0);
    add_state(&text, report->state);
    html_add_summary(&text, report);
    html_add_curves(&text, report);
    html_add_scores(&text, report);
    TRY(html_add_examples(log, &text, report));
    html_add_facts(&text, report);
    html_close(&text);
    if (text.failed) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: no memory for the report", path);
    status = base_file_write(log, path, text.bytes, text.size);
fail:
    text_free(&text);
    return status;
}
