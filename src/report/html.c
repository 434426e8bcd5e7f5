// SPDX-License-Identifier: MIT
// The report's page: no script, no file beside it, nothing loaded from anywhere.
#include "report/html.h"
#include "base/file.h"

static void add_head(struct text *text, const struct report *report)
{
    text_add(text, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    text_add_escaped(text, report->title);
    text_add(text, " · nephos</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n"
                   "<p class=\"brand\">nephos · training report</p>\n<h1>",
             html_style);
    text_add_escaped(text, report->title);
    text_add(text, "</h1>\n<p class=\"subtitle\">");
    text_add_escaped(text, report->subtitle ? report->subtitle : "");
    text_add(text, "</p>\n</header>\n");
}

enum nephos_status report_write(struct nephos_log *log, const char *path, const struct report *report)
{
    struct text text = {0};
    enum nephos_status status;
    add_head(&text, report);
    html_add_summary(&text, report);
    html_add_curves(&text, report);
    html_add_scores(&text, report);
    TRY(html_add_examples(log, &text, report));
    html_add_facts(&text, report);
    text_add(&text, "<footer>Made by nephos %s</footer>\n</main>\n</body>\n</html>\n", NEPHOS_VERSION);
    if (text.failed) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: no memory for the report", path);
    status = base_file_write(log, path, text.bytes, text.size);
fail:
    text_free(&text);
    return status;
}
